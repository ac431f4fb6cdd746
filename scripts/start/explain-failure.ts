import { StartError } from '../platform/process.ts'
import { systemErrorText } from '../platform/system-error.ts'
import { Refusal } from './refusal.ts'

/** What is said of a start that failed: a sentence with what to do, or the stack of what was not expected. */
export function explainFailure(error: unknown): string {
  if (error instanceof Refusal || error instanceof StartError) return error.message
  const refused = systemErrorText(error)
  if (refused !== undefined) {
    const { path: at, syscall } = error as NodeJS.ErrnoException
    return `${at ?? syscall ?? 'A file'} cannot be used: ${refused}. Correct that and start again; \`npx boxoffice doctor\` looks around.`
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
