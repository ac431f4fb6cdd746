import type { Operation } from '../history.ts'
import { isLost, type Lost, stepName } from '../lost.ts'
import { answeredMs, nameOf, seenBy } from './answers-kept.ts'
import type { Checker } from './checker.ts'

/**
 * 6, 7. After a client has received a state of a payment, no later read gets an older one, whichever replica answers.
 * A state that was lost with its database does not count.
 */
export const timeGoesOn: Checker = {
  id: 'time-goes-on',
  invariant: 'No read of a payment shows an older state than an earlier read, and none a second final state',
  counterexamples({ operations, lost }) {
    const violations: string[] = []
    for (const [paymentId, own] of sightings(operations, lost)) {
      violations.push(...stepsBack(paymentId, own))
      const ends = new Set(
        own.filter(({ final }) => final).map(({ status, refund }) => `${status} ${refund}`),
      )
      if (ends.size > 1)
        violations.push(`payment ${paymentId} was seen to end as ${[...ends].join(' and as ')}`)
    }
    for (const operation of operations) {
      if (operation.action !== 'watch') continue
      const sequences = seenBy(operation).map((seen) => seen.sequence)
      if (sequences.every((sequence, index) => index === 0 || sequence > (sequences[index - 1] ?? 0)))
        continue
      violations.push(`${nameOf(operation)} showed the sequences ${sequences.join(', ')}`)
    }
    return violations
  },
}

interface Sighting {
  readonly by: string
  /** When it was asked for; undefined for states that a stream sent later on its own. */
  readonly askedMs: number | undefined
  readonly answeredMs: number
  readonly sequence: number
  readonly status: string
  readonly refund: string
  readonly final: boolean
}

/** The states seen of each payment. Only the first message of a stream answers a call: later ones may be delayed. */
function sightings(operations: readonly Operation[], lost: Lost): Map<string, Sighting[]> {
  const byPayment = new Map<string, Sighting[]>()
  for (const operation of operations) {
    for (const [index, seen] of seenBy(operation).entries()) {
      const atMs = answeredMs(operation, seen)
      if (isLost(lost, stepName(seen.paymentId, seen.sequence), atMs)) continue
      const own = byPayment.get(seen.paymentId) ?? []
      byPayment.set(seen.paymentId, own)
      const askedMs = index === 0 ? operation.invokedMs : undefined
      own.push({ ...seen, by: nameOf(operation), askedMs, answeredMs: atMs })
    }
  }
  return byPayment
}

function stepsBack(paymentId: string, sightings: readonly Sighting[]): string[] {
  const byAnswer = sightings.toSorted((one, other) => one.answeredMs - other.answeredMs)
  const asked = sightings
    .flatMap((seen) => (seen.askedMs === undefined ? [] : [{ ...seen, askedMs: seen.askedMs }]))
    .sort((one, other) => one.askedMs - other.askedMs)
  const violations: string[] = []
  let latest: Sighting | undefined
  let next = 0
  for (const sighting of asked) {
    for (let seen = byAnswer[next]; seen && seen.answeredMs < sighting.askedMs; seen = byAnswer[++next]) {
      if (seen.sequence > (latest?.sequence ?? 0)) latest = seen
    }
    if (latest === undefined || sighting.sequence >= latest.sequence) continue
    violations.push(
      `payment ${paymentId} was at sequence ${latest.sequence} for ${latest.by}, but later at ` +
        `${sighting.sequence} for ${sighting.by}`,
    )
  }
  return violations
}
