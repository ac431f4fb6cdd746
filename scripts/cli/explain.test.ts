import {
  apiError,
  Code,
  ErrorReason,
  fromServiceError,
  reasonName,
  toStatus,
} from '@boxoffice/common/grpc/errors.ts'
import { Metadata } from '@grpc/grpc-js'
import { expect } from 'chai'
import { explain } from './explain.ts'
import { Failure } from './failure.ts'

describe('explain', () => {
  it('has a next step for every reason that the commands can meet', () => {
    const forOperators = /DEAD_LETTER|OUTCOME|CONSUMER|REPLAY|UNSPECIFIED/
    const ofTheConsole = /RECORDS_GONE/
    for (const reason of Object.values(ErrorReason)) {
      const name = reasonName(reason)
      if (forOperators.test(name) || ofTheConsole.test(name)) continue
      const failure = explain(refused(apiError(Code.FAILED_PRECONDITION, reason, 'refused')))
      expect(failure.reason).to.equal(name)
      expect(failure.next, name).not.to.be.empty
      expect(failure.next.join(), name).not.to.contain('the service answered')
    }
  })

  it('names the seats that cannot be had', () => {
    const error = apiError(Code.FAILED_PRECONDITION, ErrorReason.SEAT_UNAVAILABLE, 'these seats are taken', {
      seats: 'A-1-1,A-1-2',
    })
    expect(explain(refused(error)).message).to.equal('These seats are taken: A-1-1,A-1-2')
  })

  it('names each field that broke a rule', () => {
    const error = apiError(Code.INVALID_ARGUMENT, ErrorReason.FIELD_VIOLATION, 'a field broke its rule', {}, [
      { field: 'amount', description: 'must be greater than 0' },
    ])
    expect(explain(refused(error)).message).to.equal(
      'A field broke its rule\n  amount: must be greater than 0',
    )
  })

  it('says where a service that does not answer was looked for', () => {
    const details =
      'No connection established. Last error: connect ECONNREFUSED 127.0.0.1:7001 (2026-11-23T02:45:20.123Z). Resolution note: '
    const error = Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details, metadata: new Metadata() })
    const failure = explain(fromServiceError(error))
    expect(failure.reason).to.equal('UNREACHABLE')
    expect(failure.message).to.equal('The service cannot be reached: connect ECONNREFUSED 127.0.0.1:7001')
    expect(failure.next.join()).to.contain('npm start')
  })

  it('leaves its own words as they are', () => {
    const failure = new Failure('NOT_SOLD', 'Nobody got it')
    expect(explain(failure)).to.equal(failure)
  })
})

/** The error as a client gets it: over the wire. */
function refused(error: unknown): unknown {
  const { code, details, metadata } = toStatus(error)
  return fromServiceError(Object.assign(new Error(`${code} ${details}`), { code, details, metadata }))
}
