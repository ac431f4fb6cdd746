/** What became of one invariant of docs/invariants.md. */
export interface InvariantResult {
  /** A name for programs: `points-conserved`. */
  readonly id: string
  /** What must hold, in a sentence. */
  readonly invariant: string
  /** False if a counterexample was found; true also for what was skipped. */
  readonly ok: boolean
  /** What was counted, for people to read. */
  readonly details: string
  /** Each says where the invariant is broken; the first {@link counterexamplesMax}, then how many more there are. */
  readonly counterexamples: readonly string[]
  /** Why it could not be judged now. */
  readonly skipped?: string
}

export interface Invariant {
  readonly id: string
  readonly invariant: string
}

/** As many as a person reads. */
const counterexamplesMax = 20

/** Judges an invariant by its counterexamples. */
export function judge(
  invariant: Invariant,
  details: string,
  counterexamples: readonly string[],
): InvariantResult {
  const shown = counterexamples.slice(0, counterexamplesMax)
  const more = counterexamples.length - shown.length
  return {
    ...invariant,
    ok: counterexamples.length === 0,
    details,
    counterexamples: more > 0 ? [...shown, `… and ${more} more`] : shown,
  }
}

/** Says of an invariant that it cannot be judged now. */
export function skip(invariant: Invariant, why: string): InvariantResult {
  return { ...invariant, ok: true, details: '', counterexamples: [], skipped: why }
}
