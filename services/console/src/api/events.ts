import type { Authenticator } from '@boxoffice/common/auth/auth.ts'
import { positionCursor } from '@boxoffice/common/grpc/cursor.ts'
import { watchToken } from '@boxoffice/common/grpc/token-watch.ts'
import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import type { FastifyInstance } from 'fastify'
import type { Feed } from '../feed/feed.ts'
import { fields, queryOf } from './fields.ts'

/**
 * Serves the trail as server-sent events: `message` for each record, with its position as id; `overview` once a
 * second; `reset` for a reader that was away for too long, or that is ahead of the end of the trail. The stream
 * continues after Last-Event-ID, on any replica that is not stopping. It ends when the reader's token expires, or when
 * the key of the token is withdrawn.
 *
 * @param options.tokenCheckMs - how often the token of an open stream is verified; as for gRPC streams unless given
 */
export function registerEvents(
  app: FastifyInstance,
  feed: Feed,
  auth: Authenticator,
  { tokenCheckMs }: { readonly tokenCheckMs?: number } = {},
): void {
  app.get<{ Querystring: EventsQuery; Headers: EventsHeaders }>(
    '/api/events',
    {
      schema: { querystring: eventsQuery, headers: eventsHeaders },
      exposeHeadRoute: false,
      // Admission bounds the number of streams.
      config: { stream: true },
    },
    async (request, reply) => {
      if (feed.isStopped) {
        // A new connection takes the reader to another replica.
        void reply.headers({ connection: 'close', 'retry-after': '1' })
        throw apiError(
          Code.UNAVAILABLE,
          ErrorReason.NOT_READY,
          'This replica is stopping; come back to another',
        )
      }
      const { payment, concert, after } = request.query
      const seen = request.headers['last-event-id'] || after
      const from = seen === undefined ? undefined : positionCursor.parse(seen)
      reply.hijack()
      const { raw } = reply
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Proxies must not buffer events.
        'x-accel-buffering': 'no',
      })
      raw.on('error', () => {
        // The reader has left in the middle of a write; 'close' follows.
      })
      const close = feed.open(
        {
          write: (text) => raw.write(text),
          get pendingBytes() {
            return raw.writableLength
          },
          end: () => raw.end(),
          drop: () => raw.destroy(),
        },
        { paymentId: payment, concertId: concert },
        from,
      )
      const token = { auth, authorization: request.headers.authorization, checkMs: tokenCheckMs }
      const unwatch = watchToken(token, request.caller, () => {
        close()
        raw.end()
      })
      const leave = (): void => {
        unwatch()
        close()
      }
      raw.once('close', leave)
      // The reader may have left before the listener was added.
      if (raw.destroyed) leave()
    },
  )
}

interface EventsQuery {
  readonly payment?: string
  readonly concert?: string
  /** The position after which a first connection begins; Last-Event-ID takes precedence. */
  readonly after?: string
}

interface EventsHeaders {
  readonly 'last-event-id'?: string
}

const eventsQuery = queryOf({ payment: fields.uuid, concert: fields.uuid, after: fields.position })

/** An empty Last-Event-ID counts as missing: a browser sends it after an event without an id. */
const eventsHeaders = {
  type: 'object',
  properties: { 'last-event-id': { anyOf: [{ const: '' }, fields.position] } },
} as const
