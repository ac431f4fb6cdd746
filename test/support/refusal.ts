import { type Code, codeName, type RemoteError } from '@boxoffice/common/status/errors.ts'
import { refusalOf } from '@boxoffice/common/testing/refusal.ts'
import { expect } from 'chai'

/** Expects a call to be refused with this code and reason, and returns the error. */
export async function expectRefusal(
  call: Promise<unknown>,
  code: Code,
  reason: string,
): Promise<RemoteError> {
  const refusal = await refusalOf(call)
  expect(`${codeName(refusal.code)} ${refusal.reason}`).to.equal(`${codeName(code)} ${reason}`)
  return refusal
}
