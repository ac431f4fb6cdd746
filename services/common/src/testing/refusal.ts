import { codeName, RemoteError } from '../status/errors.ts'

/** The error that a call was refused with. @throws Error if it was not refused */
export async function refusalOf(call: Promise<unknown>): Promise<RemoteError> {
  try {
    await call
  } catch (error) {
    if (error instanceof RemoteError) return error
    throw error
  }
  throw new Error('the call was not refused')
}

/** The code and reason that a call was refused with, as `CODE REASON`. */
export async function refusedWith(call: Promise<unknown>): Promise<string> {
  const { code, reason } = await refusalOf(call)
  return `${codeName(code)} ${reason}`
}
