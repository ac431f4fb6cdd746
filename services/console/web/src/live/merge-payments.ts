import type { Books, FeedEvent, PaymentList, PaymentSummary } from '../../../src/contract/answers.ts'

/** Which payments are listed. Empty is any. */
export interface PaymentFilter {
  readonly status: string
  readonly user: string
  /** The beginning of an id; its dashes do not count. */
  readonly id: string
  readonly faulty: boolean
}

/** More are shown when they are asked for. */
const shownMax = 50

/**
 * The list with what has been told since: known payments change in place, or leave it when they no longer match, and others
 * come in their order.
 *
 * @param keep - cuts nothing off: the page behind the list's last one is being read
 */
export function mergePayments(
  list: PaymentList,
  events: readonly FeedEvent[],
  filter: PaymentFilter,
  keep = false,
): PaymentList {
  const told = new Map(
    events.flatMap(({ payment }) => (payment ? [[payment.paymentId, payment] as const] : [])),
  )
  if (told.size === 0) return list
  const changed = list.payments.flatMap((payment) => {
    const news = told.get(payment.paymentId)
    told.delete(payment.paymentId)
    if (news === undefined || news.sequence < payment.sequence) return [payment]
    // What is judged anew, as something was told of it, stays until that is done.
    return matches(news, filter) && (!filter.faulty || news.faults?.length !== 0) ? [news] : []
  })
  const added = [...told.values()].filter(
    (payment) =>
      matches(payment, filter) &&
      (!filter.faulty || (payment.faults ?? []).length > 0) &&
      // What is older than the list's end comes with the older ones.
      (list.next === null || placeOf(payment) >= list.next),
  )
  const sorted = [...added, ...changed].sort(newestFirst)
  const payments = keep ? sorted : sorted.slice(0, Math.max(shownMax, list.payments.length))
  const last = payments.at(-1)
  if (last === undefined || payments.length === sorted.length) return { ...list, payments }
  // What has fallen off the end is among the older ones.
  return { ...list, payments, next: placeOf(last) }
}

/**
 * The list with the page that was read behind `before`; a payment that is in both stands there once. A list that has been read
 * anew meanwhile, and ends elsewhere, stays as it is.
 */
export function appendPage(list: PaymentList, before: string, page: PaymentList): PaymentList {
  if (list.next !== before) return list
  const known = new Set(list.payments.map(({ paymentId }) => paymentId))
  const older = page.payments.filter(({ paymentId }) => !known.has(paymentId))
  return { ...list, payments: [...list.payments, ...older].sort(newestFirst), next: page.next }
}

/** The list with the marks of what the books say is broken. They name a few payments of each fault. */
export function markFaults(list: PaymentList, { invariants }: Books): PaymentList {
  const payments = list.payments.map((payment) => {
    const before = payment.faults ?? []
    const news = faultsOf(payment.paymentId, invariants).filter((fault) => !before.includes(fault))
    return news.length === 0 ? payment : { ...payment, faults: [...before, ...news] }
  })
  return { ...list, payments }
}

/** Changes when other payments are found to be broken, or none any more. */
export function signOf({ invariants }: Books): string {
  return judged(invariants)
    .map(({ id, broken }) => `${id} ${broken.toSorted().join()}`)
    .join(' ')
}

function faultsOf(paymentId: string, invariants: Books['invariants']): string[] {
  return judged(invariants)
    .filter(({ broken }) => broken.includes(paymentId))
    .map(({ id }) => id)
}

/** That one takes too long is no verdict on its books. */
function judged(invariants: Books['invariants']): Books['invariants'] {
  return invariants.filter(({ id }) => id !== 'final-in-time')
}

function matches(payment: PaymentSummary, { status, user, id }: PaymentFilter): boolean {
  return (
    (status === '' || payment.status === status) &&
    (user === '' || payment.userId === user) &&
    digitsOf(payment.paymentId).startsWith(digitsOf(id))
  )
}

function digitsOf(id: string): string {
  return id.replaceAll('-', '').toLowerCase()
}

/** As the API has it: `<created>/<id>`, which orders as both do. */
function placeOf({ createTime, paymentId }: PaymentSummary): string {
  return `${createTime}/${paymentId}`
}

function newestFirst(one: PaymentSummary, other: PaymentSummary): number {
  const [a, b] = [placeOf(one), placeOf(other)]
  return a < b ? 1 : a > b ? -1 : 0
}
