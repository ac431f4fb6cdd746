import type { Books, FeedEvent, PaymentList, PaymentSummary } from '../../../src/contract/answers.ts'

/** Selects the payments of the list; an empty field matches any. */
export interface PaymentFilter {
  readonly status: string
  readonly user: string
  /** The beginning of an id; dashes are ignored. */
  readonly id: string
  readonly faulty: boolean
}

/** The number of rows until the user asks for more. */
const shownMax = 50

/**
 * Applies events to the list: known payments change in place, or are removed when they no longer match, and new ones
 * are added in order.
 *
 * @param keep - keeps all rows, because the page after the last one is being read
 */
export function mergePayments(
  list: PaymentList,
  events: readonly FeedEvent[],
  filter: PaymentFilter,
  keep = false,
): PaymentList {
  const changes = new Map(
    events.flatMap(({ payment }) => (payment ? [[payment.paymentId, payment] as const] : [])),
  )
  if (changes.size === 0) return list
  const changed = list.payments.flatMap((payment) => {
    const news = changes.get(payment.paymentId)
    changes.delete(payment.paymentId)
    if (news === undefined || news.sequence < payment.sequence) return [payment]
    // A payment that is judged again after a change stays until the verdict.
    return matches(news, filter) && (!filter.faulty || news.faults?.length !== 0) ? [news] : []
  })
  const added = [...changes.values()].filter(
    (payment) =>
      matches(payment, filter) &&
      (!filter.faulty || (payment.faults ?? []).length > 0) &&
      // A payment after the list's end comes with the older ones.
      (list.next === null || placeOf(payment) >= list.next),
  )
  const sorted = [...added, ...changed].sort(newestFirst)
  const payments = keep ? sorted : sorted.slice(0, Math.max(shownMax, list.payments.length))
  const last = payments.at(-1)
  if (last === undefined || payments.length === sorted.length) return { ...list, payments }
  // Rows that were cut off the end are among the older ones.
  return { ...list, payments, next: placeOf(last) }
}

/**
 * Adds the page that was read after `before` to the list; a payment that is in both appears once. A list that has been
 * read again in the meantime, and ends elsewhere, stays unchanged.
 */
export function appendPage(list: PaymentList, before: string, page: PaymentList): PaymentList {
  if (list.next !== before) return list
  const known = new Set(list.payments.map(({ paymentId }) => paymentId))
  const older = page.payments.filter(({ paymentId }) => !known.has(paymentId))
  return { ...list, payments: [...list.payments, ...older].sort(newestFirst), next: page.next }
}

/** Marks the payments that the books report as broken. The books name a few payments of each fault. */
export function markFaults(list: PaymentList, { invariants }: Books): PaymentList {
  const payments = list.payments.map((payment) => {
    const before = payment.faults ?? []
    const news = faultsOf(payment.paymentId, invariants).filter((fault) => !before.includes(fault))
    return news.length === 0 ? payment : { ...payment, faults: [...before, ...news] }
  })
  return { ...list, payments }
}

/** A text that changes when the books report other broken payments, or none any more. */
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

/** The invariants without `final-in-time`: a payment that takes too long does not have broken books. */
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

/** The place of a payment in the list, as in the API: `<created>/<id>`, which sorts by time and then by id. */
function placeOf({ createTime, paymentId }: PaymentSummary): string {
  return `${createTime}/${paymentId}`
}

function newestFirst(payment: PaymentSummary, other: PaymentSummary): number {
  const [a, b] = [placeOf(payment), placeOf(other)]
  return a < b ? 1 : a > b ? -1 : 0
}
