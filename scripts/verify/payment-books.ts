import { type MessagingBooks, readMessagingBooks } from './messaging-books.ts'
import { type Read, readFaults, readSnapshot } from './snapshot.ts'

export interface PaymentFacts {
  readonly paymentId: string
  readonly reservationId: string
  readonly amount: bigint
  readonly status: string
  readonly final: boolean
}

/** The payments at one moment. */
export interface PaymentMoment {
  readonly payments: ReadonlyMap<string, PaymentFacts>
  /** The sum of all sequences: while it does not change, no payment has changed. */
  readonly transitions: bigint
}

/** The payment database at one moment. */
export interface PaymentBooks extends PaymentMoment {
  readonly messaging: MessagingBooks
  /** Payments that should have been final long ago. */
  readonly overdue: readonly string[]
  readonly historyFaults: readonly string[]
  readonly requestFaults: readonly string[]
}

/** Reads only the payments. */
export async function readPaymentMoment(url: string): Promise<PaymentMoment> {
  return await readSnapshot('payment', url, readMoment)
}

/** Reads everything from the payment database that is judged. */
export async function readPaymentBooks(url: string): Promise<PaymentBooks> {
  return await readSnapshot('payment', url, async (read) => ({
    ...(await readMoment(read)),
    messaging: await readMessagingBooks(read, 'payment'),
    overdue: await readFaults(read, [findOverdue]),
    historyFaults: await readFaults(read, [findStepsOffThePath, findHistoriesThatEndElsewhere]),
    requestFaults: await readFaults(read, [findReservationsPaidTwice]),
  }))
}

async function readMoment(read: Read): Promise<PaymentMoment> {
  const rows = await read<PaymentRow>(listPayments)
  let transitions = 0n
  const payments = new Map<string, PaymentFacts>()
  for (const row of rows) {
    transitions += BigInt(row.sequence)
    payments.set(row.payment_id, {
      paymentId: row.payment_id,
      reservationId: row.reservation_id,
      amount: BigInt(row.amount),
      status: row.status,
      final: row.final,
    })
  }
  return { payments, transitions }
}

interface PaymentRow {
  readonly payment_id: string
  readonly reservation_id: string
  readonly amount: string
  readonly status: string
  readonly final: boolean
  readonly sequence: number
}

const isFinal = `(status = 'COMPLETED' OR (status = 'FAILED' AND refund <> 'PENDING'))`

const listPayments = `
  SELECT payment_id, reservation_id, amount::text, status, ${isFinal} AS final, sequence FROM payment`

/**
 * A payment is overdue a minute after its deadline and last change: its question has been repeated several times by
 * then.
 */
const findOverdue = `
  SELECT format('payment %s is %s%s since %s', payment_id, status,
    CASE WHEN status = 'FAILED' THEN ' with its refund open' ELSE '' END,
    to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"')) AS fault
  FROM payment
  WHERE NOT ${isFinal} AND greatest(deadline, updated_at) < clock_timestamp() - interval '1 minute'
  ORDER BY created_at`

/** The transitions of the state machine, as status and refund, as in services/payment/src/domain/saga.ts. */
const arrows = [
  ['', 'PENDING NONE'],
  ['PENDING NONE', 'PROCESSING NONE'],
  ['PENDING NONE', 'FAILED NONE'],
  ['PENDING NONE', 'FAILED PENDING'],
  ['PROCESSING NONE', 'COMPLETED NONE'],
  ['PROCESSING NONE', 'FAILED PENDING'],
  ['FAILED PENDING', 'FAILED PENDING'],
  ['FAILED PENDING', 'FAILED DONE'],
]

const findStepsOffThePath = `
  WITH step AS (
    SELECT payment_id, sequence, status || ' ' || refund AS state, failure_reason, status,
      coalesce(lag(status || ' ' || refund) OVER history, '') AS before,
      coalesce(lag(sequence) OVER history, 0) AS sequence_before,
      lag(failure_reason) OVER history AS reason_before
    FROM payment_transition WINDOW history AS (PARTITION BY payment_id ORDER BY sequence)
  )
  SELECT format('payment %s goes from %s (%s) to %s (%s)', payment_id, sequence_before,
    CASE before WHEN '' THEN 'nothing' ELSE before END, sequence, state) AS fault
  FROM step
  WHERE sequence <> sequence_before + 1
    OR (before, state) NOT IN (${arrows.map(([from, to]) => `('${from}', '${to}')`).join(', ')})
    OR (failure_reason IS NOT NULL) <> (status = 'FAILED')
    OR (reason_before IS NOT NULL AND reason_before IS DISTINCT FROM failure_reason)
  ORDER BY payment_id, sequence`

const findHistoriesThatEndElsewhere = `
  WITH last AS (
    SELECT DISTINCT ON (payment_id) * FROM payment_transition ORDER BY payment_id, sequence DESC
  )
  SELECT format('payment %s is %s at sequence %s, its history ends with %s at %s', payment_id, payment.status,
    payment.sequence, coalesce(last.status, 'nothing'), coalesce(last.sequence, 0)) AS fault
  FROM payment LEFT JOIN last USING (payment_id)
  WHERE (last.sequence, last.status, last.refund, last.failure_reason)
    IS DISTINCT FROM (payment.sequence, payment.status, payment.refund, payment.failure_reason)
  ORDER BY payment.created_at`

const findReservationsPaidTwice = `
  SELECT format('reservation %s has %s payments of %s that have not failed: %s', reservation_id, count(*), user_id,
    string_agg(payment_id::text, ', ' ORDER BY created_at)) AS fault
  FROM payment WHERE status <> 'FAILED' GROUP BY reservation_id, user_id HAVING count(*) > 1`
