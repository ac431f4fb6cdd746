/** One result of an examination. Each part is a sentence, for readers who do not know this code. */
export interface Finding {
  /** `fine` needs nothing, `warning` works at a price, `problem` keeps the system from working or from its promise. */
  readonly severity: 'fine' | 'warning' | 'problem'
  readonly found: string
  /** What is needed instead. Empty if fine. */
  readonly needed: string
  /** What to do. Empty if fine. */
  readonly advice: string
}

/** A finding without anything to do. */
export function fine(found: string): Finding {
  return { severity: 'fine', found, needed: '', advice: '' }
}

export function problem(found: string, needed: string, advice: string): Finding {
  return { severity: 'problem', found, needed, advice }
}

export function warning(found: string, needed: string, advice: string): Finding {
  return { severity: 'warning', found, needed, advice }
}

/** The finding's sentences on one line. */
export function textOf({ found, needed, advice }: Finding): string {
  return [found, needed, advice].filter((sentence) => sentence !== '').join(' ')
}

export function problemsOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity }) => severity === 'problem')
}
