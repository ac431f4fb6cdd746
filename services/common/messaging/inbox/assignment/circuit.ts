/** What became of a message: it was handled, or it was put aside for what it is, at this offset. */
export type Verdict = 'handled' | { readonly poisonAt: bigint }

/**
 * Judges a partition by its recent messages. When more than half of them were poison, it is not the messages that are bad
 * but, most likely, a deploy: the circuit opens, so that the topic is not emptied into dead letters. It cools down, then
 * one message is tried, which is handled or put aside like any other. One that is handled closes the circuit; one that
 * is poison makes it cool down for longer. It also closes when enough of the poison has been redriven or discarded.
 */
export interface Circuit {
  /** `cooling-down`: nothing is tried. `half-open`: one message after the other is tried, until it is known what became of one. */
  readonly state: 'closed' | 'cooling-down' | 'half-open'
  /** How often it has opened in a row. */
  readonly openings: number
  /** What became of the latest messages, in their order: no more than a window of them. */
  readonly recent: readonly Verdict[]
}

/**
 * The circuit of a partition as it was left: half-open if most of its latest messages were poison.
 *
 * @param window - how many messages it is judged by
 * @param recentPoison - the offsets of those of the latest `window` messages that were poison, as far as is known
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

/** @param verdicts - what became of messages, in their order. Repeats and what waits behind other messages are not in it. */
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
 * Takes the poison of an open circuit that is not put aside any more for handled, and closes it if that is enough.
 *
 * @param putAside - the offsets of those of its poison that still are
 */
export function repair(circuit: Circuit, putAside: ReadonlySet<bigint>, window: number): Circuit {
  const left = poisonOffsets(circuit).filter((offset) => putAside.has(offset))
  if (!isOpen(circuit) || isMostlyPoison(left.length, window)) return circuit
  const recent = circuit.recent.map((one) =>
    one !== 'handled' && putAside.has(one.poisonAt) ? one : 'handled',
  )
  return { state: 'closed', openings: 0, recent }
}

/** The offsets of the poison by which a partition is judged. */
export function poisonOffsets({ recent }: Circuit): bigint[] {
  return offsetsOfPoison(recent)
}

/** How long a circuit cools down: twice as long after each trial that failed. */
export function coolDownMs(
  openings: number,
  times: { readonly coolDownBaseMs: number; readonly coolDownCapMs: number },
): number {
  return Math.min(times.coolDownCapMs, times.coolDownBaseMs * 2 ** Math.min(openings - 1, 30))
}

function offsetsOfPoison(recent: readonly Verdict[]): bigint[] {
  return recent.flatMap((one) => (one === 'handled' ? [] : [one.poisonAt]))
}

function isMostlyPoison(poison: number, window: number): boolean {
  return poison * 2 > window
}
