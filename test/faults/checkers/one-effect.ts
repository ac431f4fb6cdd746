import type { Operation } from '../history.ts'
import { chargeName, holdName, isLost, type Lost, stepName } from '../lost.ts'
import { nameOf } from './answers-kept.ts'
import type { Checker } from './checker.ts'

/**
 * 7. Repeats of a request return the same resource, and the ledger holds each charge once. If the effect of a request
 * was lost with its database, the request may count as done or not.
 */
export const oneEffect: Checker = {
  id: 'one-request-one-effect',
  invariant: 'One request id has one effect, and a refused request has none',
  counterexamples({ operations, charges, lost }) {
    const violations: string[] = []
    const sums = new Map<string, { sure: bigint; possible: bigint }>()
    for (const attempts of byRequest(operations).values()) {
      const [first] = attempts
      if (first === undefined) continue
      const resources = new Set(attempts.filter(({ outcome }) => outcome === 'ok').map(resourceOf))
      if (resources.size > 1) {
        violations.push(
          `${nameOf(first)}: request ${first.request.requestId} made ${[...resources].join(' and ')}`,
        )
      }
      const done = attempts.find((attempt) => isDone(attempt, lost))
      const undone = attempts.find(
        ({ outcome, invokedMs }) =>
          outcome === 'failed' && invokedMs > (done?.endedMs ?? Number.POSITIVE_INFINITY),
      )
      if (undone !== undefined)
        violations.push(`${nameOf(undone)}: ${undone.error}, though it was done before`)
      if (first.action === 'charge') addCharge(sums, first, attempts, lost)
    }
    for (const [userId, { sure, possible }] of sums) {
      let charged = 0n
      for (const charge of charges.values()) if (charge.user_id === userId) charged += BigInt(charge.amount)
      if (charged < sure || charged > possible) {
        violations.push(`${userId} was charged ${charged}, but asked for ${sure} to ${possible}`)
      }
    }
    return violations
  },
}

function byRequest(operations: readonly Operation[]): Map<string, Operation[]> {
  const requests = new Map<string, Operation[]>()
  for (const operation of operations) {
    const { action, request, client } = operation
    if (typeof request.requestId !== 'string') continue
    const name = `${client} ${action} ${request.requestId}`
    const attempts = requests.get(name) ?? []
    requests.set(name, attempts)
    attempts.push(operation)
  }
  return requests
}

function resourceOf({ answer, request }: Operation): string {
  return String(
    answer?.transactionId ?? answer?.reservationId ?? answer?.paymentId ?? request.reservationId ?? 'nothing',
  )
}

/** Whether an operation was done, and its effect was not lost afterwards. */
function isDone({ outcome, answer, endedMs }: Operation, lost: Lost): boolean {
  const names = [
    chargeName(answer?.transactionId),
    holdName(answer?.reservationId),
    stepName(String(answer?.paymentId), 1),
  ]
  return outcome === 'ok' && !names.some((name) => isLost(lost, name, endedMs))
}

function addCharge(
  sums: Map<string, { sure: bigint; possible: bigint }>,
  { request }: Operation,
  attempts: readonly Operation[],
  lost: Lost,
): void {
  const sum = sums.get(String(request.userId)) ?? { sure: 0n, possible: 0n }
  sums.set(String(request.userId), sum)
  const amount = request.amount as bigint
  if (attempts.some((attempt) => isDone(attempt, lost))) sum.sure += amount
  if (attempts.some(({ outcome }) => outcome !== 'failed')) sum.possible += amount
}
