import type { Operation } from '../history.ts'
import { isLost, type Lost, stepName } from '../lost.ts'
import { nameOf, seenBy, toldMs } from './answers-kept.ts'
import type { Checker } from './checker.ts'

/**
 * 6, 7. Whoever asks after somebody was told a state is not told an older one, whichever replica answers. A state that was
 * lost with its database is as if it had never been told.
 */
export const timeGoesOn: Checker = {
  id: 'time-goes-on',
  invariant: 'Nobody sees a payment older than it was seen before, nor two ends of it',
  counterexamples({ operations, lost }) {
    const faults: string[] = []
    for (const [paymentId, own] of sightings(operations, lost)) {
      faults.push(...stepsBack(paymentId, own))
      const ends = new Set(own.filter((one) => one.final).map((one) => `${one.status} ${one.refund}`))
      if (ends.size > 1) faults.push(`payment ${paymentId} was seen to end as ${[...ends].join(' and as ')}`)
    }
    for (const operation of operations) {
      if (operation.action !== 'watch') continue
      const sequences = seenBy(operation).map((seen) => seen.sequence)
      if (sequences.every((sequence, index) => index === 0 || sequence > (sequences[index - 1] ?? 0)))
        continue
      faults.push(`${nameOf(operation)} showed the sequences ${sequences.join(', ')}`)
    }
    return faults
  },
}

interface Sighting {
  readonly by: string
  /** Undefined where nobody asked. */
  readonly askedMs: number | undefined
  readonly toldMs: number
  readonly sequence: number
  readonly status: string
  readonly refund: string
  readonly final: boolean
}

/** Of a stream only the first message answers a question: later ones may be on their way for a while. */
function sightings(operations: readonly Operation[], lost: Lost): Map<string, Sighting[]> {
  const byPayment = new Map<string, Sighting[]>()
  for (const operation of operations) {
    for (const [index, seen] of seenBy(operation).entries()) {
      const atMs = toldMs(operation, seen)
      if (isLost(lost, stepName(seen.paymentId, seen.sequence), atMs)) continue
      const own = byPayment.get(seen.paymentId) ?? []
      byPayment.set(seen.paymentId, own)
      const askedMs = index === 0 ? operation.invokedMs : undefined
      own.push({ ...seen, by: nameOf(operation), askedMs, toldMs: atMs })
    }
  }
  return byPayment
}

function stepsBack(paymentId: string, sightings: readonly Sighting[]): string[] {
  const told = sightings.toSorted((one, other) => one.toldMs - other.toldMs)
  const asked = sightings
    .flatMap((one) => (one.askedMs === undefined ? [] : [{ ...one, askedMs: one.askedMs }]))
    .sort((one, other) => one.askedMs - other.askedMs)
  const faults: string[] = []
  let latest: Sighting | undefined
  let next = 0
  for (const sighting of asked) {
    for (let one = told[next]; one !== undefined && one.toldMs < sighting.askedMs; one = told[++next]) {
      if (one.sequence > (latest?.sequence ?? 0)) latest = one
    }
    if (latest === undefined || sighting.sequence >= latest.sequence) continue
    faults.push(
      `payment ${paymentId} was at sequence ${latest.sequence} for ${latest.by}, and later at ` +
        `${sighting.sequence} for ${sighting.by}`,
    )
  }
  return faults
}
