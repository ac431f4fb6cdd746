import {
  apiError,
  Code,
  ErrorReason,
  fromServiceError,
  reasonName,
  toStatus,
} from '@boxoffice/common/status/errors.ts'
import { Metadata } from '@grpc/grpc-js'
import { expect } from 'chai'
import { explain } from './explain.ts'
import { Failure } from './failure.ts'
import { repeatable } from './repeatable.ts'

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

  it('names the seats that are taken', () => {
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

  it('names the address of a service that does not answer', () => {
    const details =
      'No connection established. Last error: connect ECONNREFUSED 127.0.0.1:7001 (2026-11-23T02:45:20.123Z). Resolution note: '
    const failure = explain(silence(Code.UNAVAILABLE, details))
    expect(failure.reason).to.equal('UNREACHABLE')
    expect(failure.message).to.equal('The service cannot be reached: connect ECONNREFUSED 127.0.0.1:7001')
    expect(failure.next.join()).to.contain('npm start')
  })

  const silences: [string, { code: Code; message?: string; reason?: ErrorReason }][] = [
    ['NO_ANSWER', { code: Code.DEADLINE_EXCEEDED }],
    ['UNREACHABLE', { code: Code.UNAVAILABLE, message: 'Connection dropped' }],
    ['NOT_READY', { code: Code.UNAVAILABLE, reason: ErrorReason.NOT_READY }],
    ['INTERNAL', { code: Code.INTERNAL, reason: ErrorReason.INTERNAL }],
    ['CANCELLED', { code: Code.CANCELLED }],
  ]
  for (const [expected, { code, message = 'no', reason }] of silences) {
    const error = reason === undefined ? silence(code, message) : refused(apiError(code, reason, message))
    const requestId = '6fa459ea-ee8a-4ca4-894e-db77e160355e'

    it(`names the id with which a change can be repeated after ${expected}`, async () => {
      const change = repeatable(requestId, () => Promise.reject(error))
      const failure = explain(await change.catch((unknown: unknown) => unknown))
      expect(failure.reason).to.equal(expected)
      expect(failure.message).to.contain('may have had its effect')
      expect(failure.next.join('\n'))
        .to.contain(`the same command again with --request-id ${requestId}`)
        .and.not.to.contain('try again')
    })

    it(`does not mention an effect if a call that only reads ends with ${expected}`, () => {
      const failure = explain(error)
      expect(failure.reason).to.equal(expected)
      expect([failure.message, ...failure.next].join('\n')).not.to.match(/effect|--request-id/)
      expect(failure.next).not.to.be.empty
    })
  }

  it('does not change the refusal of a change', async () => {
    const error = refused(apiError(Code.NOT_FOUND, ErrorReason.SEAT_NOT_FOUND, 'no such seat'))
    const change = repeatable('any', () => Promise.reject(error))
    expect(await change.catch((unknown: unknown) => unknown)).to.equal(error)
  })

  it('does not change a Failure', () => {
    const failure = new Failure('NOT_SOLD', 'No buyer got it')
    expect(explain(failure)).to.equal(failure)
  })
})

/** The error of a call that no service has answered. */
function silence(code: Code, details: string): unknown {
  return fromServiceError(Object.assign(new Error(details), { code, details, metadata: new Metadata() }))
}

/** The error as a client receives it over the wire. */
function refused(error: unknown): unknown {
  const { code, details, metadata } = toStatus(error)
  return fromServiceError(Object.assign(new Error(`${code} ${details}`), { code, details, metadata }))
}
