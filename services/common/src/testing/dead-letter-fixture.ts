import { randomUUID } from 'node:crypto'
import { type DiscardOutcome, type MessageHandler, OutcomeContradictedError } from '@boxoffice/messaging'
import type { DeadLetter } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import type {
  DeadLetterFilterSchema,
  RedriveReceipt,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import type { UsePointCommand } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { type ConsumerFixture, recordingHandler, until } from './consumer-fixture.ts'
import { commandRecord } from './consumer-records.ts'
import { type OperatorApi, startOperatorApi } from './operator-api.ts'

export type Selection = NonNullable<Parameters<OperatorApi['redriveDeadLetters']>[0]['selection']>

/** Every key. */
export const everything: Selection = { case: 'filter', value: {} }

/** The handler tells when it has come to this amount, and waits. */
export const slow = 500n
/** The service knows that this one was not done. */
export const undone = 666n

/** The consumer `wallet` of a topic, its operators' API, and what a test says to them. */
export interface DeadLetterFixture {
  readonly topic: string
  readonly api: OperatorApi
  /** Amounts that the handler throws at. */
  broken: ReadonlySet<bigint>
  /** What was recorded of messages that were given up. */
  readonly discarded: readonly DiscardOutcome[]
  /** The handler has come to {@link slow}. */
  readonly arrived: Promise<void>
  /** Lets it go on. */
  goOn(): void
  /** Sends messages of one key. */
  send(key: string, ...amounts: bigint[]): Promise<void>
  /** Waits until so many are put aside. */
  putAside(count: number): Promise<void>
  /** The amounts that have had their effect, in order. */
  effectsOf(key: string): Promise<number[]>
  list(filter?: MessageInitShape<typeof DeadLetterFilterSchema>): Promise<readonly DeadLetter[]>
  redrive(selection: Selection): Promise<RedriveReceipt>
  keyOf(name: string): Selection
  parkedKeys(): Promise<unknown[]>
  /** Leaves the consumer's fixture as it was. */
  end(): Promise<void>
}

export async function createDeadLetterFixture(fixture: ConsumerFixture): Promise<DeadLetterFixture> {
  const topic = await fixture.topic()
  const arrived = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const discarded: DiscardOutcome[] = []
  const recording = recordingHandler([topic], async ({ body }) => {
    const { amount } = body as UsePointCommand
    if (amount === slow) {
      arrived.resolve()
      await gate.promise
    }
    if (self.broken.has(amount)) throw new TypeError('not that amount')
  })
  const handler: MessageHandler = {
    ...recording,
    discarding: {
      types: recording.codec.types,
      async discard(_em, { body }, outcome) {
        if ((body as UsePointCommand).amount === undone) throw new OutcomeContradictedError('no')
        discarded.push(outcome)
        return { outbox: [] }
      },
    },
  }
  await fixture.start({ name: 'wallet', handler, settings: { attemptsMax: 1 } })
  const api = await startOperatorApi(fixture, 'wallet', handler)
  const self: DeadLetterFixture = {
    topic,
    api,
    broken: new Set(),
    discarded,
    arrived: arrived.promise,
    goOn: gate.resolve,
    send: (key, ...amounts) =>
      fixture.send(
        topic,
        amounts.map((amount) => commandRecord({ key, amount })),
      ),
    async putAside(count) {
      const rows = () => fixture.query(`SELECT 1 FROM dead_letter WHERE state = 'PUT_ASIDE'`)
      await until(`${count} put aside`, async () => (await rows()).length === count)
    },
    effectsOf: async (key) =>
      (await fixture.effects()).filter((effect) => effect.key === key).map(({ amount }) => amount),
    list: async (filter = {}) => (await api.listDeadLetters({ filter })).deadLetters,
    async redrive(selection) {
      const { receipt } = await api.redriveDeadLetters({ requestId: randomUUID(), selection })
      if (receipt === undefined) throw new Error('no receipt')
      return receipt
    },
    keyOf: (name) => ({ case: 'key', value: { consumer: 'wallet', topic, key: Buffer.from(name) } }),
    parkedKeys: () => fixture.query('SELECT 1 FROM parked_key'),
    async end() {
      await api.stop()
      await fixture.clear()
    },
  }
  return self
}
