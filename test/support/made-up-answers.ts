import type { Route } from 'playwright-core'
import { present } from './customer.ts'

/** The answer of a console that has no connection to a service. */
export const failure = {
  status: 503,
  json: { code: 'UNAVAILABLE', reason: 'NOT_READY', message: 'it is tired' },
} as const

export function uuidOf(nth: number): string {
  return `00000000-0000-4000-a000-${String(nth).padStart(12, '0')}`
}

/** Fifty old payments, newest first, that follow `after` newer ones. */
export function madeUpPayments(after: number) {
  return Array.from({ length: 50 }, (_, index) => ({
    ...{ paymentId: uuidOf(after + index), reservationId: uuidOf(0), userId: 'nobody', amount: '1' },
    ...{ status: 'COMPLETED', failureReason: null, refund: 'NONE', sequence: 3, final: true, faults: [] },
    createTime: new Date(Date.UTC(2020, 0, 1) - (after + index) * 1_000).toISOString(),
    updateTime: new Date(Date.UTC(2020, 0, 1)).toISOString(),
    ...{ seats: [], concertId: null },
  }))
}

/** Answers with these payments as the first page; payments from the stream are added to them. */
export async function beginWith(payments: ReturnType<typeof madeUpPayments>, route: Route): Promise<void> {
  const { position } = (await (await route.fetch()).json()) as { position: string }
  await route.fulfill({ json: { payments, next: placeOf(payments), position } })
}

/** Returns the place after which older payments follow the given ones. */
export function placeOf(payments: ReturnType<typeof madeUpPayments>): string {
  const last = present(payments.at(-1))
  return `${last.createTime}/${last.paymentId}`
}

/** A list of six rows in pages of two, from the given row on. The token of a page is the number of its first row. */
export function pagesOf<Row>(rowOf: (nth: number) => Row) {
  return (from: number) => ({
    rows: [rowOf(from), rowOf(from + 1)],
    next: from + 2 > 6 ? '' : String(from + 2),
  })
}
