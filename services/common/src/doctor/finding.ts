/** One thing that a look around has found: each part is a sentence, for a person who does not know this code. */
export interface Finding {
  /** `fine` needs nothing, `warning` works and has a price, `problem` keeps the system from working or from its promise. */
  readonly severity: 'fine' | 'warning' | 'problem'
  readonly found: string
  /** Empty where it is fine. */
  readonly needed: string
  /** What to do. Empty where it is fine. */
  readonly advice: string
}

/** What was found is as it has to be. */
export function fine(found: string): Finding {
  return { severity: 'fine', found, needed: '', advice: '' }
}

export function problem(found: string, needed: string, advice: string): Finding {
  return { severity: 'problem', found, needed, advice }
}

export function warning(found: string, needed: string, advice: string): Finding {
  return { severity: 'warning', found, needed, advice }
}

/** The finding in its sentences, on one line. */
export function textOf({ found, needed, advice }: Finding): string {
  return [found, needed, advice].filter((sentence) => sentence !== '').join(' ')
}

export function problemsOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity }) => severity === 'problem')
}
