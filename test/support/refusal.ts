import { type Code, codeName, RemoteError } from '@boxoffice/common/grpc/errors.ts'
import { expect } from 'chai'

/** Expects a call to be refused with this code and reason, and returns the error. */
export async function expectRefusal(
  call: Promise<unknown>,
  code: Code,
  reason: string,
): Promise<RemoteError> {
  const error = await call.then(
    () => expect.fail(`the call succeeded; ${codeName(code)} ${reason} was expected`),
    (thrown: unknown) => thrown,
  )
  expect(error).to.be.instanceOf(RemoteError)
  const refusal = error as RemoteError
  expect(`${codeName(refusal.code)} ${refusal.reason}`).to.equal(`${codeName(code)} ${reason}`)
  return refusal
}
