/** The result of one invariant of docs/invariants.md. */
export interface InvariantResult {
  /** A name for programs: `points-conserved`. */
  readonly id: string
  /** The invariant, in a sentence. */
  readonly invariant: string
  /** False if a counterexample was found; true also if the invariant was skipped. */
  readonly ok: boolean
  /** The counts, for people. */
  readonly details: string
  /** The counterexamples, in sentences: the first {@link counterexamplesMax}, then the number of the others. */
  readonly counterexamples: readonly string[]
  /** The reason why it could not be judged. */
  readonly skipped?: string
}

export interface Invariant {
  readonly id: string
  readonly invariant: string
}

/** As many as a person would read. */
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

/** The result of an invariant that cannot be judged now. */
export function skip(invariant: Invariant, why: string): InvariantResult {
  return { ...invariant, ok: true, details: '', counterexamples: [], skipped: why }
}
