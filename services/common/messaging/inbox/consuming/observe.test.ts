import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { batchOf, partitionOf } from '@boxoffice/common/testing/fake-batches.ts'
import { expect } from 'chai'
import type { ReceivedMessage } from '../../message/received-message.ts'
import { consumerMetrics } from './consumer-metrics.ts'
import { observeConsumer } from './observe.ts'

describe('the metrics of a consumer', () => {
  it('begins at zero', async () => {
    const { lines } = observed()
    expect(await lines(/_total|_count|stopped/)).to.include.members([
      'boxoffice_consumer_messages_handled_total 0',
      'boxoffice_consumer_gaps_total 0',
      'boxoffice_consumer_wait_seconds_count 0',
      'boxoffice_consumer_stopped_partitions 0',
    ])
  })

  it('is how long new messages took to come here, and how long they then waited', async () => {
    const { observer, lines } = observed()
    const nowMs = Date.now()
    const batch = { ...batchOf(3, 0, 2), receivedAtMs: nowMs - 5_000 }
    const slices = [{ waiting: { partition: partitionOf(3), batch, done: 0 }, records: [], from: 0n, to: 2n }]
    const handled = [message(3, nowMs - 7_000), message(3, nowMs + 60_000), message(3, undefined)]
    observer.committed(slices, { handled, passedOver: [], duplicates: 1, putAside: [] }, 1_000)
    expect(await lines(/delivery_seconds_(sum|count)/)).to.deep.equal([
      'boxoffice_consumer_delivery_seconds_sum 2',
      'boxoffice_consumer_delivery_seconds_count 2',
    ])
    const [sum, count] = await lines(/wait_seconds_(sum|count)/)
    expect(count).to.equal('boxoffice_consumer_wait_seconds_count 2')
    expect(Number(sum?.split(' ').at(-1))).to.be.closeTo(8, 0.5)
  })
})

function observed() {
  const metrics = createMetrics('test')
  const observer = observeConsumer(
    'wallet',
    consumerMetrics(metrics),
    createLog({ service: 'test', level: 'silent' }),
  )
  const lines = async (wanted: RegExp): Promise<string[]> => {
    const text = await metrics.registry.metrics()
    return text
      .split('\n')
      .filter((line) => line.startsWith('boxoffice_consumer') && wanted.test(line))
      .map((line) => line.replace(/\{.*\}/, ''))
  }
  return { observer, lines }
}

function message(partition: number, appendedAtMs: number | undefined): ReceivedMessage {
  return { topic: 'test', partition, appendedAtMs } as ReceivedMessage
}
