import { randomUUID } from 'node:crypto'
import type { Consumer, ReceivedMessage } from '@boxoffice/messaging'
import {
  type Replay,
  ReplayPhase,
  ReplayPhaseSchema,
  type ReplayRangeSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { type ConsumerFixture, recordingHandler, until } from './consumer-fixture.ts'
import { commandRecord } from './consumer-records.ts'
import { deleteRecords } from './delete-records.ts'
import { type OperatorApi, startOperatorApi } from './operator-api.ts'

export type From = Exclude<MessageInitShape<typeof ReplayRangeSchema>['from'], undefined>

export const earliest: From = { case: 'earliest', value: true }

/** The consumer `wallet` of a topic of three partitions, its operators' API, and helpers for tests of replays. */
export interface ReplayFixture {
  readonly topic: string
  readonly api: OperatorApi
  /** Called before each effect; may throw or wait. */
  beforeEffect: (message: ReceivedMessage) => Promise<void> | void
  /** Starts a member of the consumer. */
  start(): Promise<Consumer>
  /** Sends records, `count` in all, to the partitions in turn. */
  send(count: number): Promise<void>
  /** Sends records and waits until they are handled. */
  handleRecords(count: number): Promise<void>
  range(from: From): MessageInitShape<typeof ReplayRangeSchema>
  /** Starts a replay; returns its id. */
  startFrom(from: From): Promise<string>
  get(replayId: string): Promise<Replay>
  /** Waits for the end of a replay. */
  ended(replayId: string): Promise<Replay>
  /** The consumer's positions, by partition. */
  positions(): Promise<number[]>
  /** Deletes the records before an offset, as retention does. */
  deleteBefore(partition: number, offset: number): Promise<void>
  /** Restores the consumer's fixture to its former state. */
  end(): Promise<void>
}

export async function createReplayFixture(fixture: ConsumerFixture): Promise<ReplayFixture> {
  const topic = await fixture.topic(3)
  const handler = recordingHandler([topic], (message) => self.beforeEffect(message))
  const api = await startOperatorApi(fixture, 'wallet', handler)
  const self: ReplayFixture = {
    topic,
    api,
    beforeEffect: () => {},
    start: () => fixture.start({ name: 'wallet', handler }),
    async send(count) {
      const records = Array.from({ length: count }, (_, index) => commandRecord({ partition: index % 3 }))
      await fixture.send(topic, records)
    },
    async handleRecords(count) {
      const handled = (await fixture.effects()).length
      await self.send(count)
      await until('the records', async () => (await fixture.effects()).length >= handled + count)
    },
    range: (from) => ({ consumer: 'wallet', from }),
    async startFrom(from) {
      const { replay } = await api.startReplay({ requestId: randomUUID(), range: self.range(from) })
      return replay?.replayId ?? ''
    },
    async get(replayId) {
      const { replay } = await api.getReplay({ replayId })
      if (replay === undefined) throw new Error('no replay')
      return replay
    },
    async ended(replayId) {
      const isOver = async () => (await self.get(replayId)).phase !== ReplayPhase.RUNNING
      await until('the end of the replay', isOver)
      return await self.get(replayId)
    },
    async positions() {
      const rows = await fixture.query<{ next_offset: string }>(
        'SELECT next_offset FROM consumer_position ORDER BY topic, partition',
      )
      return rows.map((row) => Number(row.next_offset))
    },
    deleteBefore: (partition, offset) => deleteRecords(fixture.kafka, topic, [partition], offset),
    async end() {
      await api.stop()
      await fixture.clear()
    },
  }
  return self
}

/** The results that a replay reports. */
export function receiptOf({ phase, reread, known, effective, putAside }: Replay) {
  return { phase: ReplayPhaseSchema.value[phase]?.localName, reread, known, effective, putAside }
}
