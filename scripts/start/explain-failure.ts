import { StartError } from '../platform/process.ts'
import { systemErrorText } from '../platform/system-error.ts'
import { Refusal } from './refusal.ts'

/** Explains a failed start: a sentence with advice, or the stack of an unexpected error. */
export function explainFailure(error: unknown): string {
  if (error instanceof Refusal || error instanceof StartError) return error.message
  const refused = systemErrorText(error)
  if (refused !== undefined) {
    const { path: at, syscall } = error as NodeJS.ErrnoException
    return `${at ?? syscall ?? 'A file'} cannot be used: ${refused}. Correct that and start again; \`npx boxoffice doctor\` examines everything.`
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
