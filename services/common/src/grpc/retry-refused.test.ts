import { Metadata } from '@grpc/grpc-js'
import { expect } from 'chai'
import { AdmissionError } from '../admission/refusal.ts'
import { Code, fromServiceError, toStatus } from '../status/errors.ts'
import { retryRefused } from './retry-refused.ts'

const refusal = fromServiceError(
  Object.assign(new Error(), toStatus(new AdmissionError('calls_per_process', 20))),
)

describe('a call that was not admitted', () => {
  let attempts: number
  beforeEach(() => {
    attempts = 0
  })
  const failing =
    (times: number, error: unknown = refusal) =>
    async (): Promise<string> => {
      attempts += 1
      if (attempts <= times) throw error
      return 'answered'
    }
  const options = { deadlineMs: 10_000, random: () => 0 }
  const failure = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => undefined,
      (error) => error,
    )

  it('is retried after the pause that the answer asks for', async () => {
    const startedAt = performance.now()
    expect(await retryRefused(failing(2), options)).to.equal('answered')
    expect(attempts).to.equal(3)
    expect(performance.now() - startedAt).to.be.at.least(145)
  })

  it('is retried a limited number of times', async () => {
    expect(await failure(retryRefused(failing(9), { ...options, retries: 2 }))).to.equal(refusal)
    expect(attempts).to.equal(3)
  })

  it('is not retried if its deadline would pass before', async () => {
    expect(await failure(retryRefused(failing(9), { ...options, deadlineMs: 40 }))).to.equal(refusal)
    expect(attempts).to.equal(1)
  })

  it('is not retried if the answer has no retry information', async () => {
    const metadata = new Metadata()
    const tooLarge = fromServiceError(
      Object.assign(new Error(), { code: Code.RESOURCE_EXHAUSTED, details: 'too large', metadata }),
    )
    expect(await failure(retryRefused(failing(9, tooLarge), options))).to.equal(tooLarge)
    expect(attempts).to.equal(1)
  })

  it('is not retried once its caller has left', async () => {
    const leaving = new AbortController()
    const call = retryRefused(failing(9), { ...options, signal: leaving.signal })
    leaving.abort(new Error('left'))
    expect(await failure(call)).to.be.an('error')
    expect(attempts).to.equal(1)
  })
})
