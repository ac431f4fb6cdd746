/** The result of a message: it was handled, or it was put aside as poison, at this offset. */
export type Verdict = 'handled' | { readonly poisonAt: bigint }

/**
 * Judges a partition by its recent messages. When more than half of them were poison, the messages are probably fine
 * and the last deploy is bad: the circuit opens, so that the topic is not emptied into dead letters. It cools down,
 * and then one message is tried: it is handled or put aside like any other. If it is handled, the circuit closes; if
 * it is poison, the circuit cools down for longer. The circuit also closes when enough of the poison has been
 * redriven or discarded.
 */
export interface Circuit {
  /** `cooling-down`: nothing is tried. `half-open`: messages are tried one at a time, until one has a verdict. */
  readonly state: 'closed' | 'cooling-down' | 'half-open'
  /** The number of times that it has opened in a row. */
  readonly openings: number
  /** The verdicts on the latest messages, in order; at most a window of them. */
  readonly recent: readonly Verdict[]
}

/**
 * The circuit of a partition that is newly assigned: half-open if most of its latest messages were poison.
 *
 * @param window - the number of messages that it is judged by
 * @param recentPoison - the offsets of the poison among the latest `window` messages, as far as they are known
 */
export function newCircuit(window: number, recentPoison: readonly bigint[] = []): Circuit {
  const recent = Array.from({ length: recentPoison.length === 0 ? 0 : window }, (_, index): Verdict => {
    const poisonAt = recentPoison[index]
    return poisonAt === undefined ? 'handled' : { poisonAt }
  })
  return isMostlyPoison(recentPoison.length, window)
    ? { state: 'half-open', openings: 1, recent }
    : { state: 'closed', openings: 0, recent }
}

export function isOpen({ state }: Circuit): boolean {
  return state !== 'closed'
}

/** The circuit once it has cooled down. */
export function tryOne(circuit: Circuit): Circuit {
  return circuit.state === 'cooling-down' ? { ...circuit, state: 'half-open' } : circuit
}

/** @param verdicts - on new messages, in order. Repeats and messages that wait behind another one have none. */
export function judge(circuit: Circuit, verdicts: readonly Verdict[], window: number): Circuit {
  if (verdicts.length === 0) return circuit
  const closes = isOpen(circuit) && verdicts.includes('handled')
  const recent = [...(closes ? [] : circuit.recent), ...verdicts].slice(-window)
  const openings = closes ? 0 : circuit.openings
  if (recent.length === window && isMostlyPoison(offsetsOfPoison(recent).length, window))
    return { state: 'cooling-down', openings: openings + 1, recent }
  return { state: closes ? 'closed' : circuit.state, openings, recent }
}

/**
 * Counts poison as handled once it is no longer put aside, and closes an open circuit if that is enough.
 *
 * @param putAside - the offsets of its poison that is still put aside
 */
export function repair(circuit: Circuit, putAside: ReadonlySet<bigint>, window: number): Circuit {
  const remaining = poisonOffsets(circuit).filter((offset) => putAside.has(offset))
  if (!isOpen(circuit) || isMostlyPoison(remaining.length, window)) return circuit
  const recent = circuit.recent.map((verdict) =>
    verdict !== 'handled' && putAside.has(verdict.poisonAt) ? verdict : 'handled',
  )
  return { state: 'closed', openings: 0, recent }
}

/** The offsets of the poison by which a partition is judged. */
export function poisonOffsets({ recent }: Circuit): bigint[] {
  return offsetsOfPoison(recent)
}

/** The time for which a circuit cools down: it doubles after each trial that failed. */
export function coolDownMs(
  openings: number,
  times: { readonly coolDownBaseMs: number; readonly coolDownCapMs: number },
): number {
  return Math.min(times.coolDownCapMs, times.coolDownBaseMs * 2 ** Math.min(openings - 1, 30))
}

function offsetsOfPoison(recent: readonly Verdict[]): bigint[] {
  return recent.flatMap((verdict) => (verdict === 'handled' ? [] : [verdict.poisonAt]))
}

function isMostlyPoison(poison: number, window: number): boolean {
  return poison * 2 > window
}
