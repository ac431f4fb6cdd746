import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import { type FastifyInstance, fastify } from 'fastify'
import { answerError } from './errors.ts'
import { formats } from './formats.ts'

const bodyBytesMax = 16 * 1024

/**
 * An HTTP server without routes. It refuses a request if any part does not match its schema: values are not coerced,
 * and unknown fields are not silently dropped.
 */
export function createApp(log: Logger): FastifyInstance {
  const app = fastify({
    bodyLimit: bodyBytesMax,
    forceCloseConnections: true,
    requestTimeout: 30_000,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, formats } },
    // A path whose escapes are not UTF-8 fails before a route is found.
    frameworkErrors: answerError(log),
  })
  app.setErrorHandler(answerError(log))
  return app
}
