import type { FeedEvent, PaymentList, PaymentSummary } from '../../../src/contract/answers.ts'

/** Which payments are listed. Empty is any. */
export interface PaymentFilter {
  readonly status: string
  readonly user: string
  readonly id: string
  readonly faulty: boolean
}

/** More are shown when they are asked for. */
const shownMax = 50

/** The list with what has been told since: known payments change in place, new ones come on top. */
export function mergePayments(
  list: PaymentList,
  events: readonly FeedEvent[],
  filter: PaymentFilter,
): PaymentList {
  const told = new Map(
    events.flatMap(({ payment }) => (payment ? [[payment.paymentId, payment] as const] : [])),
  )
  if (told.size === 0) return list
  const changed = list.payments.map((payment) => {
    const news = told.get(payment.paymentId)
    told.delete(payment.paymentId)
    return news !== undefined && news.sequence >= payment.sequence ? news : payment
  })
  const added = [...told.values()].filter((payment) => matches(payment, filter))
  const sorted = [...added, ...changed].sort((a, b) =>
    a.createTime < b.createTime ? 1 : a.createTime > b.createTime ? -1 : 0,
  )
  const payments = sorted.slice(0, Math.max(shownMax, list.payments.length))
  const last = payments.at(-1)
  if (last === undefined || payments.length === sorted.length) return { ...list, payments }
  // What has fallen off the end is among the older ones.
  return { ...list, payments, next: `${last.createTime}/${last.paymentId}` }
}

function matches(payment: PaymentSummary, { status, user, id, faulty }: PaymentFilter): boolean {
  return (
    (status === '' || payment.status === status) &&
    (user === '' || payment.userId === user) &&
    payment.paymentId.startsWith(id.toLowerCase()) &&
    !faulty
  )
}
