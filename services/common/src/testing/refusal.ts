import { codeName, RemoteError } from '../grpc/errors.ts'

/** What a call was refused with, as `CODE REASON`. @throws Error if it was not refused */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    if (error instanceof RemoteError) return `${codeName(error.code)} ${error.reason}`
    throw error
  }
  throw new Error('the call was not refused')
}
