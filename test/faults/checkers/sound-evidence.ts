import type { CommittedRow } from '../committed-rows.ts'
import type { DumpedRecord } from '../dumped-record.ts'
import type { Evidence } from '../evidence.ts'
import type { Operation } from '../history.ts'

export const paymentId = '0b6d5d1c-2f0c-5a51-9f3f-5d6a2a2e8a11'

/** The sound evidence of one payment that was accepted and completed. */
export const sound: Evidence = {
  operations: [
    operation({
      action: 'charge',
      request: { userId: 'ada', requestId: 'r0', amount: 100n },
      answer: charge(),
    }),
    operation({ action: 'checkout', request: { requestId: 'r1' }, answer: seen(1, 'PENDING') }),
    operation({
      action: 'get',
      request: { paymentId },
      answer: seen(2, 'COMPLETED'),
      invokedMs: 20,
      endedMs: 30,
    }),
  ],
  // Not read by these checkers.
  verdict: { atRest: true, underWay: [], results: [] } as unknown as Evidence['verdict'],
  committed: [row(1, 'm1'), row(2, 'm2')],
  lost: new Map(),
  gotThrough: [],
  records: [record(0, 'm1', 1, 'PENDING'), record(1, 'm2', 2, 'COMPLETED')],
  transitions: [
    { payment_id: paymentId, sequence: 1, status: 'PENDING', refund: 'NONE' },
    { payment_id: paymentId, sequence: 2, status: 'COMPLETED', refund: 'NONE' },
  ],
  payments: new Map([
    [paymentId, { payment_id: paymentId, reservation_id: 'r', amount: '100', status: 'COMPLETED' }],
  ]),
  charges: new Map([['c1', { transaction_id: 'c1', user_id: 'ada', amount: '100' }]]),
  reservations: new Set(),
  inboxes: { payment: new Set(), point: new Set(), reservation: new Set() },
  deadLetters: [],
  defects: [],
}

function operation(fields: Partial<Operation>): Operation {
  return {
    nth: 0,
    client: 'buyer',
    action: 'get',
    request: {},
    invokedMs: 0,
    outcome: 'ok',
    endedMs: 10,
    answer: undefined,
    error: undefined,
    ...fields,
  }
}

export function withOperation(fields: Partial<Operation>): Evidence {
  return { ...sound, operations: [...sound.operations, operation(fields)] }
}

export function charge() {
  return { transactionId: 'c1', amount: 100n }
}

export function seen(sequence: number, status: string) {
  return { paymentId, sequence, status, refund: 'NONE', reason: '', final: sequence === 2 }
}

export function row(id: number, messageId: string): CommittedRow {
  const key = Buffer.from(paymentId).toString('hex')
  return {
    service: 'payment',
    id: BigInt(id),
    life: 0,
    nth: id,
    messageId,
    topic: 'payment-events',
    key,
    type: 't',
    digest: 'd',
  }
}

export function record(offset: number, messageId: string, sequence: number, status: string): DumpedRecord {
  return {
    topic: 'payment-events',
    partition: 0,
    offset: BigInt(offset),
    topicId: '',
    key: Buffer.from(paymentId).toString('hex'),
    messageId,
    type: 't',
    digest: 'd',
    poison: false,
    payment: seen(sequence, status),
  }
}
