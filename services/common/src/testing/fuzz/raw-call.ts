import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2'
import { ErrorInfoSchema } from '@boxoffice/proto/google/rpc/error_details_pb.ts'
import { StatusSchema } from '@boxoffice/proto/google/rpc/status_pb.ts'
import { fromBinary } from '@bufbuild/protobuf'
import { anyUnpack } from '@bufbuild/protobuf/wkt'
import { codeName } from '../../status/errors.ts'

/** The end of a call, as on the wire. */
export interface RawAnswer {
  /** The code of gRPC, `INVALID_ARGUMENT`, or of HTTP if there is none: `HTTP 415`. */
  readonly code: string
  readonly reason: string
  readonly message: string
}

export interface RawConnection {
  /** Sends these bytes as the one message of a call. A stream is ended after its first answer. */
  call(path: string, headers: Readonly<Record<string, string>>, bytes: Uint8Array): Promise<RawAnswer>
  close(): void
}

/** Speaks HTTP/2 itself: a gRPC client would not send what breaks its rules. */
export function connectRaw(address: string): RawConnection {
  const session = connect(`http://${address}`)
  // The calls get this error as well.
  session.on('error', () => undefined)
  return {
    call: (path, headers, bytes) => callRaw(session, path, headers, bytes),
    close: () => session.destroy(),
  }
}

const answerMsMax = 30_000

function callRaw(
  session: ClientHttp2Session,
  path: string,
  headers: Readonly<Record<string, string>>,
  bytes: Uint8Array,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    })
    let ended: RawAnswer | undefined
    const take = (trailers: IncomingHttpHeaders): void => {
      if (trailers['grpc-status'] !== undefined) ended = answerOf(trailers)
    }
    stream.setTimeout(answerMsMax, () => stream.destroy(new Error(`${path} has not answered in time`)))
    stream.on('response', (answered) => {
      take(answered)
      const status = answered[':status']
      if (status !== 200) ended ??= { code: `HTTP ${status}`, reason: '', message: '' }
    })
    stream.on('trailers', take)
    stream.once('data', () => {
      // A stream of answers may never end, and this one began well.
      setTimeout(() => {
        ended ??= { code: 'OK', reason: '', message: '' }
        stream.close(constants.NGHTTP2_CANCEL)
      }, streamMsMax).unref()
    })
    stream.on('error', reject)
    stream.on('close', () => (ended ? resolve(ended) : reject(new Error(`${path} ended without a status`))))
    stream.end(framed(bytes))
  })
}

const streamMsMax = 100

/** https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md: not compressed, and its length. */
function framed(bytes: Uint8Array): Buffer {
  const frame = Buffer.alloc(5 + bytes.length)
  frame.writeUInt32BE(bytes.length, 1)
  frame.set(bytes, 5)
  return frame
}

function answerOf(trailers: IncomingHttpHeaders): RawAnswer {
  const details = trailers['grpc-status-details-bin']
  const status =
    typeof details === 'string' ? fromBinary(StatusSchema, Buffer.from(details, 'base64')).details : []
  const info = status.map((any) => anyUnpack(any, ErrorInfoSchema)).find((detail) => detail !== undefined)
  return {
    code: codeName(Number(trailers['grpc-status'])),
    reason: info?.reason ?? '',
    message: decodeURIComponent(String(trailers['grpc-message'] ?? '')),
  }
}
