import { codeName, RemoteError } from '@boxoffice/common/status/errors.ts'

/** The outcomes of an attack: plain data, so that they can come from another process. */
export interface Outcomes {
  /** How often each answer came, by names such as `RESOURCE_EXHAUSTED TOO_MANY_CALLS`, `429` or `closed`. */
  readonly answers: Readonly<Record<string, number>>
  /** What the attack achieved although it must not, each in a sentence; empty if the system resisted it. */
  readonly gotThrough: readonly string[]
}

export const noOutcomes: Outcomes = { answers: {}, gotThrough: [] }

export function addOutcomes(one: Outcomes, other: Outcomes): Outcomes {
  const answers = { ...one.answers }
  for (const [name, count] of Object.entries(other.answers)) answers[name] = (answers[name] ?? 0) + count
  return { answers, gotThrough: [...new Set([...one.gotThrough, ...other.gotThrough])] }
}

export function totalOf({ answers }: Outcomes): number {
  return Object.values(answers).reduce((sum, count) => sum + count, 0)
}

/** Counts the answers that an attacker gets. */
export class Tally {
  readonly #answers = new Map<string, number>()
  readonly #gotThrough = new Set<string>()

  answer(name: string): void {
    // A system that gives ever new answers must not fill this map.
    const known = this.#answers.has(name) || this.#answers.size < answersMax ? name : 'other answers'
    this.#answers.set(known, (this.#answers.get(known) ?? 0) + 1)
    if (defect.test(name)) this.gotThrough(`an answer that reports a defect: ${name}`)
  }

  /** Makes a call and counts its answer. */
  async count<Answer>(call: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      const answer = await call()
      this.answer('OK')
      return answer
    } catch (error) {
      this.answer(answerOf(error))
      return undefined
    }
  }

  gotThrough(breach: string): void {
    if (this.#gotThrough.size < answersMax) this.#gotThrough.add(breach)
  }

  get outcomes(): Outcomes {
    return { answers: Object.fromEntries(this.#answers), gotThrough: [...this.#gotThrough] }
  }
}

const answersMax = 50
const defect = /^(INTERNAL|UNKNOWN|DATA_LOSS)\b|^50[0-2]/

/** The name of an error as an answer; for a broken connection it is the system's error code. */
export function answerOf(error: unknown): string {
  if (error instanceof RemoteError) return `${codeName(error.code)} ${error.reason}`.trim()
  if (error instanceof Error) return (error as NodeJS.ErrnoException).code ?? error.name
  return String(error)
}
