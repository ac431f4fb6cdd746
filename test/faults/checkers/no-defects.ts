import { nameOf } from './answers-kept.ts'
import type { Checker } from './checker.ts'

/**
 * No fault outside a service is a reason to answer INTERNAL: an error that a retry may resolve is UNAVAILABLE. The
 * logs also have the answers that no client of the load waited for.
 */
export const noDefects: Checker = {
  id: 'no-internal-errors',
  invariant: 'No call is answered INTERNAL',
  counterexamples: ({ operations, defects }) => [
    ...operations
      .filter(({ error }) => error?.startsWith('INTERNAL') && error !== 'INTERNAL')
      .map((operation) => `${nameOf(operation)} at ${operation.endedMs} ms: ${operation.error}`),
    ...defects,
  ],
}
