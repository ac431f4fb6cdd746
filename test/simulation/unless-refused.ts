import { ApiError } from '@boxoffice/common/status/errors.ts'

/** Waits for a call and ignores a refusal. */
export async function unlessRefused(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  }
}
