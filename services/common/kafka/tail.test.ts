import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { expect } from 'chai'
import type { Kafka } from './create-client.ts'
import { startTail } from './tail.ts'

describe('where a tail begins', () => {
  it('is the ends that were seen after the join, and only then does it say so', async () => {
    const calls: string[] = []
    const { kafka, join } = fakeKafka(calls)
    const tail = await startTail({
      kafka,
      topic: 'payment-events',
      groupId: 'tail',
      log: createLog({ service: 'test', level: 'silent' }),
      onAssigned: () => calls.push('assigned'),
      onRecords() {},
    })
    for (let generation = 0; generation < 2; generation++) {
      calls.length = 0
      join({ 'payment-events': [0, 2] })
      while (!calls.includes('assigned')) await new Promise(setImmediate)
      expect(calls).to.deep.equal(['read ends', 'seek 0 to 10', 'seek 2 to 30', 'assigned'])
    }
    await tail.stop()
  })
})

/** A cluster in which nothing happens but what `join` says. */
function fakeKafka(calls: string[]): { kafka: Kafka; join(memberAssignment: object): void } {
  let onJoin = (_event: object): void => {}
  const nothing = async (): Promise<void> => {}
  const kafka = {
    admin: () => ({
      connect: nothing,
      disconnect: nothing,
      fetchTopicMetadata: async () => ({ topics: [] }),
      async fetchTopicOffsets() {
        calls.push('read ends')
        return ['10', '20', '30'].map((high, partition) => ({ partition, low: '0', high }))
      },
    }),
    consumer: () => ({
      events: { GROUP_JOIN: 'join' },
      on(event: string | undefined, listener: typeof onJoin) {
        if (event === 'join') onJoin = listener
      },
      connect: nothing,
      subscribe: nothing,
      run: nothing,
      disconnect: nothing,
      seek({ partition, offset }: { partition: number; offset: string }) {
        calls.push(`seek ${partition} to ${offset}`)
      },
    }),
  } as unknown as Kafka
  return { kafka, join: (memberAssignment) => onJoin({ payload: { memberAssignment } }) }
}
