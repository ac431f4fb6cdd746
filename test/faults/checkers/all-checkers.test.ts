import { expect } from 'chai'
import type { Evidence } from '../evidence.ts'
import { chargeName, stepName } from '../lost.ts'
import { allCheckers } from './all-checkers.ts'
import { defects } from './broken-evidence.ts'
import { paymentId, record, row, seen, sound, withOperation } from './sound-evidence.ts'

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
