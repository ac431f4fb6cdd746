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

/** Selects every key. */
export const everything: Selection = { case: 'filter', value: {} }

/** At this amount the handler resolves `arrived`, and waits. */
export const slow = 500n
/** The service knows that a message with this amount was not done. */
export const undone = 666n

/** The consumer `wallet` of a topic, its operators' API, and helpers for tests of dead letters. */
export interface DeadLetterFixture {
  readonly topic: string
  readonly api: OperatorApi
  /** The handler throws at these amounts. */
  broken: ReadonlySet<bigint>
  /** The recorded outcomes of discarded messages. */
  readonly discarded: readonly DiscardOutcome[]
  /** Resolves when the handler has come to {@link slow}. */
  readonly arrived: Promise<void>
  /** Lets the handler continue. */
  goOn(): void
  /** Sends messages of one key. */
  send(key: string, ...amounts: bigint[]): Promise<void>
  /** Waits until this number of messages is put aside. */
  putAside(count: number): Promise<void>
  /** The amounts of the effects of a key, in order. */
  effectsOf(key: string): Promise<number[]>
  list(filter?: MessageInitShape<typeof DeadLetterFilterSchema>): Promise<readonly DeadLetter[]>
  redrive(selection: Selection): Promise<RedriveReceipt>
  keyOf(name: string): Selection
  parkedKeys(): Promise<unknown[]>
  /** Restores the consumer's fixture to its former state. */
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
