import { expect } from 'chai'
import type { CommittedRow } from '../committed-rows.ts'
import type { DumpedRecord } from '../dumped-record.ts'
import type { Evidence } from '../evidence.ts'
import type { Operation } from '../history.ts'
import { chargeName, stepName } from '../lost.ts'
import { allCheckers } from './all-checkers.ts'

const paymentId = '0b6d5d1c-2f0c-5a51-9f3f-5d6a2a2e8a11'

/** The sound evidence of one payment that was accepted and completed. */
const sound: Evidence = {
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

/** The broken evidence that each checker must notice, by the checker's id. */
const defects: Readonly<Record<string, { readonly what: string; readonly evidence: Evidence }[]>> = {
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

describe('the checkers', () => {
  it('find nothing in sound evidence', () => {
    for (const checker of allCheckers) expect(checker.counterexamples(sound), checker.id).to.deep.equal([])
  })

  it('have broken evidence for each of them', () => {
    expect(allCheckers.map((checker) => checker.id)).to.have.members(Object.keys(defects))
  })

  for (const checker of allCheckers) {
    for (const { what, evidence } of defects[checker.id] ?? []) {
      it(`notice ${what}`, () => {
        expect(checker.counterexamples(evidence)).to.not.deep.equal([])
      })
    }
  }

  it('allow a restored database to commit the same messages again with other contents', () => {
    const again = sound.committed.map((row) => ({ ...row, life: 1, nth: row.nth + 2, digest: 'again' }))
    const committed = [...sound.committed, ...again]
    const repeated = { ...record(2, 'm1', 1, 'PENDING'), digest: 'again' }
    for (const checker of allCheckers) {
      const evidence = { ...sound, committed, records: [...sound.records, repeated] }
      expect(checker.counterexamples(evidence), checker.id).to.deep.equal([])
    }
  })

  it('allow a database to lack what it lost, also what it had answered', () => {
    const atMs = 35
    const evidence: Evidence = {
      ...withOperation({
        action: 'get',
        request: { paymentId },
        outcome: 'failed',
        error: 'NOT_FOUND',
        invokedMs: 40,
      }),
      lost: new Map([
        [chargeName('c1'), atMs],
        [stepName(paymentId, 1), atMs],
        [stepName(paymentId, 2), atMs],
      ]),
      charges: new Map(),
      payments: new Map(),
      transitions: [],
      committed: [],
      records: [],
    }
    for (const checker of allCheckers) {
      expect(checker.counterexamples(evidence), checker.id).to.deep.equal([])
    }
  })

  it('allow a payment to go another way after its last step was lost', () => {
    const again = seen(2, 'FAILED')
    const evidence: Evidence = {
      ...withOperation({ action: 'get', request: { paymentId }, answer: again, invokedMs: 40, endedMs: 50 }),
      lost: new Map([[stepName(paymentId, 2), 35]]),
      transitions: [
        { payment_id: paymentId, sequence: 1, status: 'PENDING', refund: 'NONE' },
        { payment_id: paymentId, sequence: 2, status: 'FAILED', refund: 'NONE' },
      ],
      records: [record(0, 'm1', 1, 'PENDING'), record(1, 'm2', 2, 'FAILED')],
    }
    for (const checker of allCheckers) {
      expect(checker.counterexamples(evidence), checker.id).to.deep.equal([])
    }
  })

  it('allow a record to be lost unread with its topic, and another to take its place', () => {
    const former = { ...record(7, 'm1', 1, 'PENDING'), topicId: 'former', isUnread: true as const }
    const lost = { ...former, topic: 'point-commands', messageId: 'm3' }
    const evidence: Evidence = {
      ...sound,
      committed: [...sound.committed, { ...row(3, 'm3'), topic: 'point-commands' }],
      records: [former, lost, record(0, 'm2', 2, 'COMPLETED')],
    }
    for (const checker of allCheckers) expect(checker.counterexamples(evidence), checker.id).to.deep.equal([])
  })

  it('allow repeated records', () => {
    const records = [...sound.records, record(2, 'm1', 1, 'PENDING'), record(3, 'm2', 2, 'COMPLETED')]
    for (const checker of allCheckers) {
      expect(checker.counterexamples({ ...sound, records }), checker.id).to.deep.equal([])
    }
  })
})

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

function withOperation(fields: Partial<Operation>): Evidence {
  return { ...sound, operations: [...sound.operations, operation(fields)] }
}

function charge() {
  return { transactionId: 'c1', amount: 100n }
}

function seen(sequence: number, status: string) {
  return { paymentId, sequence, status, refund: 'NONE', reason: '', final: sequence === 2 }
}

function row(id: number, messageId: string): CommittedRow {
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

function record(offset: number, messageId: string, sequence: number, status: string): DumpedRecord {
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
