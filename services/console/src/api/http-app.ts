import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import { type FastifyInstance, fastify } from 'fastify'
import { answerError } from './errors.ts'
import { formats } from './formats.ts'

const bodyBytesMax = 16 * 1024

/**
 * An HTTP server without routes. Each part of a request is what its schema says, or is refused: nothing is made to fit, and nothing
 * that is not known is left out in silence.
 */
export function createApp(log: Logger): FastifyInstance {
  const app = fastify({
    bodyLimit: bodyBytesMax,
    forceCloseConnections: true,
    requestTimeout: 30_000,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, formats } },
    // A path whose escapes are no UTF-8 fails before a route is found.
    frameworkErrors: answerError(log),
  })
  app.setErrorHandler(answerError(log))
  return app
}
