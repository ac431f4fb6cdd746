import { ErrorReason } from '@boxoffice/proto/boxoffice/type/v1/error_reason_pb.ts'
import { StatusSchema } from '@boxoffice/proto/google/rpc/status_pb.ts'
import { fromBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { cutText } from './bound-refusal.ts'
import {
  ApiError,
  apiError,
  Code,
  codeName,
  fromServiceError,
  RemoteError,
  reasonName,
  toStatus,
} from './errors.ts'

/** The error that a caller gets after the wire. */
function received(error: unknown): unknown {
  const status = toStatus(error)
  return fromServiceError(Object.assign(new Error(`${status.code} ${status.details}`), status))
}

describe('errors of the API', () => {
  it('name every reason of the contract without its prefix', () => {
    const names = Object.entries(ErrorReason).map(([name, reason]) => [name, reasonName(reason)])
    for (const [name, found] of names.slice(1)) expect(found).to.equal(name)
    expect(codeName(5)).to.equal('NOT_FOUND')
    expect(codeName(99)).to.equal('UNKNOWN')
  })

  it('arrive as they were sent', () => {
    const violations = [{ field: 'seats[2]', description: 'twice' }]
    const sent = apiError(
      Code.INVALID_ARGUMENT,
      ErrorReason.FIELD_VIOLATION,
      'Größe',
      { seats: 'A1' },
      violations,
    )
    const { code, reason, message, metadata, fieldViolations } = sent
    expect(received(sent))
      .to.be.instanceOf(RemoteError)
      .and.to.deep.include({ code, reason, metadata, fieldViolations })
    expect((received(sent) as Error).message).to.equal(message)
  })

  it('stay within 8 kB, whatever they contain', () => {
    for (const text of ['x', '𝄞', '\ud834', 'é ']) {
      const long = text.repeat(50_000)
      const metadata = Object.fromEntries(Array.from({ length: 30 }, (_, nth) => [`${nth}`, long]))
      const violations = Array.from({ length: 1_000 }, () => ({ field: long, description: long }))
      const error = apiError(Code.NOT_FOUND, ErrorReason.SEAT_NOT_FOUND, long, metadata, violations)
      const status = toStatus(error)
      const [details] = status.metadata?.get('grpc-status-details-bin') ?? []
      const trailers = encodeURI(status.details).length + Buffer.from(details ?? '').toString('base64').length
      expect(trailers).to.be.at.most(8_000)
      expect(Buffer.byteLength(status.details)).to.be.within(900, 1_024)
      expect(status.details).to.match(/… \(and \d+ more\)$/)
      expect(received(error)).to.include({ code: Code.NOT_FOUND, reason: 'SEAT_NOT_FOUND' })
    }
  })

  it('are cut between characters', () => {
    expect(cutText('𝄞𝄞𝄞', 12)).to.equal('𝄞𝄞𝄞')
    expect(cutText('𝄞𝄞𝄞', 11)).to.equal('𝄞𝄞…')
    expect(cutText('a\ud834', 9)).to.equal('a\ufffd')
  })

  it('hide unknown errors', () => {
    for (const error of [new Error('s3cret'), 's3cret', undefined, { code: 's3cret' }]) {
      const answer = received(error)
      expect(answer).to.include({ code: Code.INTERNAL, reason: 'INTERNAL' })
      expect(JSON.stringify(answer)).to.not.include('s3cret')
    }
  })

  it('say that a retry helps while the database is away', () => {
    const gone = Object.assign(new Error('terminating connection'), { code: '57P01' })
    expect(received(new Error('flush failed', { cause: gone }))).to.include({
      code: Code.UNAVAILABLE,
      reason: 'NOT_READY',
    })
  })

  it('are passed on unchanged if they are refusals', () => {
    const refusal = apiError(Code.NOT_FOUND, ErrorReason.PAYMENT_NOT_FOUND, 'No such payment')
    expect(refusal).to.be.instanceOf(ApiError)
    expect(received(refusal)).to.include({ code: Code.NOT_FOUND, reason: 'PAYMENT_NOT_FOUND' })
  })

  it('name no reason if the call itself was ended, because the code is enough', () => {
    const late = new ApiError({
      code: Code.DEADLINE_EXCEEDED,
      reason: '',
      message: 'The deadline has passed',
    })
    const [bytes] = toStatus(late).metadata?.get('grpc-status-details-bin') ?? []
    expect(fromBinary(StatusSchema, bytes as Buffer).details).to.deep.equal([])
    expect(received(late)).to.include({ code: Code.DEADLINE_EXCEEDED, reason: '' })
  })

  it('stay unchanged if no call failed', () => {
    const error = new Error('x')
    expect(fromServiceError(error)).to.equal(error)
  })
})
