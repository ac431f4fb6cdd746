import { readFileSync } from 'node:fs'
import { type ClientHttp2Session, connect } from 'node:http2'
import {
  ListSeatsRequestSchema,
  ReservationService,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create, toBinary } from '@bufbuild/protobuf'
import type { Attack, Target } from '../attack.ts'
import { clientOf, tokenFor, untilOver } from '../callers.ts'
import { answerOf } from '../tally.ts'

const connections = 10
const callsEach = 40

/** Buyers who request the largest seat map and never read the answers. */
export const slowReaders: Attack = {
  name: 'slow-readers',
  tries: `${connections * callsEach} seat maps, never read`,
  async run(target, tally, over) {
    const token = await tokenFor(target)
    const bytes = await largestMap(target, token)
    const sessions = Array.from({ length: connections }, () => openUnread(target))
    for (const session of sessions) session.on('error', (error) => tally.answer(answerOf(error)))
    const askFor = (session: ClientHttp2Session): void => {
      const stream = session.request({
        ':method': 'POST',
        ':path': `/${ReservationService.typeName}/ListSeats`,
        'content-type': 'application/grpc',
        te: 'trailers',
        authorization: `Bearer ${token}`,
      })
      stream.on('error', () => tally.answer('reset'))
      stream.once('response', (headers) =>
        tally.answer(headers['grpc-status'] ? `status ${headers['grpc-status']}` : 'sent, not read'),
      )
      stream.pause()
      stream.end(framed(bytes))
    }
    for (const session of sessions) for (let nth = 0; nth < callsEach; nth++) askFor(session)
    await untilOver(over)
    for (const session of sessions) session.destroy()
  },
}

/** A session with a receive window that never opens. */
function openUnread({ services, caFile }: Target): ClientHttp2Session {
  const scheme = caFile === undefined ? 'http' : 'https'
  return connect(`${scheme}://${services.reservation}`, {
    settings: { initialWindowSize: 0, maxConcurrentStreams: 1_000 },
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
  })
}

/** A gRPC message as it is sent: not compressed, and after its length. */
function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

async function largestMap(target: Target, token: string): Promise<Uint8Array> {
  const client = clientOf(target, ReservationService, 'reservation', token)
  const { concerts } = await client.listConcerts({ pageSize: 200 })
  client.close()
  const [largest] = [...concerts].sort((one, other) => other.seatsTotal - one.seatsTotal)
  if (largest === undefined) throw new Error('there is no concert with seats to list')
  return toBinary(
    ListSeatsRequestSchema,
    create(ListSeatsRequestSchema, { concertId: largest.concertId, pageSize: 5_000 }),
  )
}
