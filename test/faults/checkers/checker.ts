import type { Invariant } from '../../../scripts/verify/invariant.ts'
import type { Evidence } from '../evidence.ts'

/** Looks for counterexamples to one invariant. */
export interface Checker extends Invariant {
  /** Each is a sentence that says where the invariant is broken, with the ids needed to investigate. */
  counterexamples(evidence: Evidence): string[]
}
