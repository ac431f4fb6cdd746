import { nameOf } from './answers-kept.ts'
import type { Checker } from './checker.ts'

/**
 * A fault outside is no reason for an answer that says "a defect": what can be tried again is UNAVAILABLE. The logs know also of
 * answers that no client of the load waited for.
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
