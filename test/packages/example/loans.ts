// A saga of a user of the libraries: a book is lent, asked back over Kafka, and returned. Its tables are maps, to keep
// it short.
import { randomUUID } from 'node:crypto'
import { createKafkaClient, createTopics, readTopics, VerifiedProducer } from '@boxoffice/kafka'
import { createSaga, type Decision, type SagaStep } from '@boxoffice/saga'

interface Loan {
  readonly loanId: string
  readonly status: 'LENT' | 'RETURNED'
}

interface LoanStep extends SagaStep {
  readonly type: 'REMINDER_DUE' | 'RETURNED'
}

const loans = new Map<string, Loan>([['moby-dick', { loanId: 'moby-dick', status: 'LENT' }]])
const outbox: string[] = []
const notified: string[] = []

function decide(loan: Loan, { type }: LoanStep): Decision<Loan, string> {
  if (loan.status === 'RETURNED') return { type: 'UNCHANGED', state: loan }
  if (type === 'RETURNED') {
    const state: Loan = { ...loan, status: 'RETURNED' }
    return { type: 'CHANGED', state, outputs: ['thanks'], wakeups: { askAgainInMs: null, giveUpInMs: null } }
  }
  const wakeups = { askAgainInMs: 1_000, giveUpInMs: null }
  return { type: 'ASKED_AGAIN', state: loan, outputs: ['please bring it back'], wakeups }
}

const saga = createSaga<null, Loan, LoanStep, string>({
  name: 'loan',
  decide,
  store: {
    async lock(_tx, sagaIds) {
      const known = sagaIds.flatMap((id) => loans.get(id) ?? [])
      return { states: new Map(known.map((loan) => [loan.loanId, loan])), now: new Date() }
    },
    async save(_tx, states) {
      for (const { state } of states) loans.set(state.loanId, state)
    },
  },
  transaction: (work) => work(null),
  async append(_tx, outputs) {
    outbox.push(...outputs)
  },
  notify: (changed) => notified.push(...changed.map(({ status }) => status)),
})

const steps: readonly LoanStep['type'][] = ['REMINDER_DUE', 'RETURNED', 'RETURNED']
for (const type of steps) await saga.run((_tx, advance) => advance([{ sagaId: 'moby-dick', type }]))

const kafka = createKafkaClient({
  brokers: (process.env.KAFKA_BROKERS ?? '').split(','),
  clientId: 'library',
})
const topic = `loans-${randomUUID()}`
const config = { 'min.insync.replicas': '2' }
await createTopics(kafka, [{ name: topic, partitions: 1, replicas: 3, config }])
const producer = new VerifiedProducer({ kafka })
const key = Buffer.from('moby-dick')
const records = outbox.map((text) => ({ topic, key, value: Buffer.from(text), headers: {} }))
const { published } = await producer.send(records)
await producer.close()

const read: string[] = []
const log = { debug() {}, info() {}, warn() {}, error() {} }
await readTopics({ kafka, topics: [topic], log, onRecord: ({ value }) => read.push(String(value)) })
console.log(JSON.stringify({ published: published.length, read, notified }))
