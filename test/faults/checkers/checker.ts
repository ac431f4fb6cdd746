import type { Invariant } from '../../../scripts/verify/invariant.ts'
import type { Evidence } from '../evidence.ts'

/** Looks for counterexamples to one invariant of design section 8. */
export interface Checker extends Invariant {
  /** Each says where the invariant is broken, with the ids that a person needs to look further. */
  counterexamples(evidence: Evidence): string[]
}
