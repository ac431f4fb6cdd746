import type { Evidence } from '../evidence.ts'
import { chargeName, stepName } from '../lost.ts'
import { charge, paymentId, record, row, seen, sound, withOperation } from './sound-evidence.ts'

/** The broken evidence that each checker must notice, by the checker's id. */
export const defects: Readonly<Record<string, { readonly what: string; readonly evidence: Evidence }[]>> = {
  'answers-kept': [
    { what: 'a charge that has disappeared', evidence: { ...sound, charges: new Map() } },
    { what: 'a payment that has disappeared', evidence: { ...sound, payments: new Map(), transitions: [] } },
    {
      what: 'a lost charge that was answered again after its loss',
      evidence: { ...sound, charges: new Map(), lost: new Map([[chargeName('c1'), 5]]) },
    },
    {
      what: 'a payment that its owner does not find',
      evidence: withOperation({
        action: 'get',
        request: { paymentId },
        outcome: 'failed',
        error: 'NOT_FOUND',
      }),
    },
    {
      what: 'a state that is not in the history of the payment',
      evidence: withOperation({ action: 'get', request: { paymentId }, answer: seen(2, 'FAILED') }),
    },
  ],
  'time-goes-on': [
    {
      what: 'an older state after a newer one',
      evidence: withOperation({
        action: 'get',
        request: { paymentId },
        answer: seen(1, 'PENDING'),
        invokedMs: 40,
        endedMs: 50,
      }),
    },
    {
      what: 'an older state after a newer one that was shown again after its loss',
      evidence: {
        ...withOperation({
          action: 'get',
          request: { paymentId },
          answer: seen(1, 'PENDING'),
          invokedMs: 40,
          endedMs: 50,
        }),
        lost: new Map([[stepName(paymentId, 2), 25]]),
      },
    },
    {
      what: 'two final states of one payment',
      evidence: withOperation({ action: 'get', request: { paymentId }, answer: seen(2, 'FAILED') }),
    },
    {
      what: 'a stream that goes back',
      evidence: withOperation({
        action: 'watch',
        request: { paymentId },
        answer: { seen: [seen(2, 'COMPLETED'), seen(1, 'PENDING')] },
      }),
    },
  ],
  'one-request-one-effect': [
    {
      what: 'two charges for one request',
      evidence: withOperation({
        action: 'charge',
        request: { userId: 'ada', requestId: 'r0', amount: 100n },
        answer: { ...charge(), transactionId: 'c2' },
      }),
    },
    {
      what: 'a charge without a request',
      evidence: {
        ...sound,
        charges: new Map([...sound.charges, ['c2', { transaction_id: 'c2', user_id: 'ada', amount: '5' }]]),
      },
    },
    {
      what: 'a request that is refused after it had its effect',
      evidence: withOperation({
        action: 'checkout',
        request: { requestId: 'r1' },
        outcome: 'failed',
        error: 'FAILED_PRECONDITION RESERVATION_IN_PAYMENT',
        invokedMs: 40,
      }),
    },
  ],
  'no-internal-errors': [
    {
      what: 'an answer of INTERNAL',
      evidence: withOperation({ action: 'hold', outcome: 'unknown', error: 'INTERNAL INTERNAL' }),
    },
    { what: 'a defect that is only in a log', evidence: { ...sound, defects: ['payment: INTERNAL'] } },
  ],
  'committed-is-published': [
    {
      what: 'a committed message that is not in Kafka',
      evidence: { ...sound, records: sound.records.slice(0, 1) },
    },
    {
      what: 'a message in Kafka that was never committed',
      evidence: { ...sound, committed: sound.committed.slice(0, 1) },
    },
    {
      what: 'a message that was committed twice with different contents',
      evidence: {
        ...sound,
        committed: [...sound.committed, { ...row(3, 'm1'), digest: 'again' }],
        records: [...sound.records, { ...record(2, 'm1', 1, 'PENDING'), digest: 'again' }],
      },
    },
    {
      what: 'a message that was changed on its way to Kafka',
      evidence: { ...sound, committed: sound.committed.map((row) => ({ ...row, digest: 'other' })) },
    },
  ],
  'order-per-key': [
    {
      what: 'a message that overtakes another of its key',
      evidence: { ...sound, records: [record(0, 'm2', 2, 'COMPLETED'), record(1, 'm1', 1, 'PENDING')] },
    },
  ],
  'payment-events-hold-the-history': [
    { what: 'a gap in payment-events', evidence: { ...sound, records: sound.records.slice(1) } },
    {
      what: 'a history in payment-events that differs from the database',
      evidence: { ...sound, records: [record(0, 'm1', 1, 'PENDING'), record(1, 'm2', 2, 'FAILED')] },
    },
  ],
  'consumed-is-processed': [
    {
      what: 'a record that its consumer has not processed',
      evidence: {
        ...sound,
        records: [...sound.records, { ...record(0, 'm3', 1, 'PENDING'), topic: 'point-commands' }],
      },
    },
  ],
  'only-poison-put-aside': [
    {
      what: 'a valid message in the dead letters',
      evidence: {
        ...sound,
        deadLetters: [
          {
            consumer: 'payment',
            message_id: 'm1',
            topic: 'point-events',
            partition: 0,
            offset: '0',
            topic_id: null,
            reason: 'HANDLER_FAILED',
            error: 'a defect',
          },
        ],
      },
    },
  ],
  'nothing-got-through': [
    {
      what: 'a buyer with more seats than allowed',
      evidence: { ...sound, gotThrough: ['hoarders: one buyer holds 11 seats'] },
    },
  ],
}
