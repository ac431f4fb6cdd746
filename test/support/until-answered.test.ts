import { Code, fromServiceError } from '@boxoffice/common/status/errors.ts'
import { Metadata } from '@grpc/grpc-js'
import { expect } from 'chai'
import { untilAnswered } from './until-answered.ts'

describe('a call that is repeated until it is answered', () => {
  const callsOf = (...errors: readonly unknown[]) => {
    const left = [...errors]
    return async (): Promise<string> => {
      const error = left.shift()
      if (error !== undefined) throw error
      return 'answered'
    }
  }

  it('returns the first answer', async () => {
    expect(await untilAnswered(callsOf(failure(Code.UNAVAILABLE)), 60_000)).to.equal('answered')
  })

  it('throws a refusal at once', async () => {
    const refusal = failure(Code.FAILED_PRECONDITION)
    expect(await untilAnswered(callsOf(refusal), 60_000).catch((error: unknown) => error)).to.equal(refusal)
  })

  it('throws the last error when its time has passed', async () => {
    const last = failure(Code.UNAVAILABLE)
    expect(await untilAnswered(callsOf(last), -1).catch((error: unknown) => error)).to.equal(last)
  })
})

function failure(code: Code): unknown {
  return fromServiceError(
    Object.assign(new Error('failed'), { code, details: 'failed', metadata: new Metadata() }),
  )
}
