import type { Lsn } from './lsn.ts'

/**
 * A message of the server in the copy stream of a replication connection (protocol-replication, PostgreSQL manual).
 */
export type ReplicationMessage =
  | { readonly kind: 'data'; readonly body: Buffer }
  | { readonly kind: 'keepalive'; readonly walEnd: Lsn; readonly replyRequested: boolean }
  | { readonly kind: 'other' }

/** `body` is a view of `chunk`, which the connection uses again: read it before returning to the event loop. */
export function decodeReplicationMessage(chunk: Buffer): ReplicationMessage {
  switch (chunk[0]) {
    case 0x77: // 'w': start, end and clock, of which the relay needs none, then the plugin's message
      return { kind: 'data', body: chunk.subarray(25) }
    case 0x6b: // 'k'
      return { kind: 'keepalive', walEnd: chunk.readBigUInt64BE(1), replyRequested: chunk[17] === 1 }
    default:
      return { kind: 'other' }
  }
}

/**
 * A standby status update that reports everything before `confirmed`, not one byte more, as written, flushed and
 * applied.
 *
 * @param asksForReply - whether the server must answer at once, with a keepalive
 */
export function encodeStandbyStatus(confirmed: Lsn, now: Date, asksForReply: boolean): Buffer {
  const message = Buffer.alloc(34)
  message[0] = 0x72 // 'r'
  message.writeBigUInt64BE(confirmed, 1)
  message.writeBigUInt64BE(confirmed, 9)
  message.writeBigUInt64BE(confirmed, 17)
  message.writeBigInt64BE(BigInt(now.getTime() - postgresEpochMs) * 1_000n, 25)
  message[33] = asksForReply ? 1 : 0
  return message
}

const postgresEpochMs = Date.UTC(2000, 0, 1)
