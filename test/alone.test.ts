import { setTimeout as sleep } from 'node:timers/promises'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { expect } from 'chai'
import { newConcert, newCustomer } from './support/customer.ts'
import { type MemoryScale, openMemoryScale } from './support/live-memory.ts'
import { linesSince, logMarks } from './support/log-lines.ts'
import { metricsOf } from './support/process-metrics.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'
import { waitUntil } from './support/wait-until.ts'

const watchMs = 120_000
/** Time for caches to fill and code to be compiled before memory is first measured. */
const settleMs = 40_000
/** On a busy machine every process grew by less than 0.8 MB. */
const growthBytesMax = 3_000_000

describe('a system without traffic for two minutes', function () {
  this.timeout(watchMs + 180_000)
  let system: TestSystem
  let lines: ReadonlyMap<string, readonly string[]>
  let countedBefore: ReadonlyMap<string, number>
  let countedAfter: ReadonlyMap<string, number>
  let scale: MemoryScale | undefined
  let memoryBefore: ReadonlyMap<string, number>
  let memoryAfter: ReadonlyMap<string, number>

  before(async () => {
    system = await sharedSystem()
    await buyOne()
    await waitUntil('no warning for ten seconds', () => isQuiet(10_000), { deadlineMs: 120_000 })
    const marks = await logMarks(system)
    countedBefore = await metricsOf(system, /_total$|_count$/)
    await sleep(settleMs)
    scale = await openMemoryScale(system)
    memoryBefore = await scale.weigh()
    await sleep(watchMs - settleMs)
    memoryAfter = await scale.weigh()
    countedAfter = await metricsOf(system, /_total$|_count$/)
    lines = await linesSince(system, marks)
  })

  after(() => scale?.close())

  it('writes no warning to any log', () => {
    for (const [name, written] of lines) expect(written.filter(isWarning), name).to.deep.equal([])
  })

  it('makes no reconnect and no retry', () => {
    const isTrouble = /reconnects|retries|swept|dropped|failed|failures|restarts|errors|rejected/
    const troubles = [...countedAfter].filter(
      ([name, value]) => isTrouble.test(name) && value !== countedBefore.get(name),
    )
    expect(troubles).to.deep.equal([])
  })

  it('rebalances no consumer group', async () => {
    const sinceStart = [...(await linesSince(system, new Map())).values()].flat()
    expect(sinceStart.some(isRebalance), 'brokers that log rebalances').to.equal(true)
    for (const [name, written] of lines) expect(written.filter(isRebalance), name).to.deep.equal([])
  })

  it('keeps no more memory than at first', () => {
    for (const [name, before] of memoryBefore) {
      const grownBytes = (memoryAfter.get(name) ?? Number.POSITIVE_INFINITY) - before
      expect(grownBytes, `bytes by which ${name} has grown`).to.be.below(growthBytesMax)
    }
    expect([...memoryBefore.keys()]).to.include.members(['payment', 'relay-payment', 'console'])
  })

  it('serves the next caller without a reconnect or retry', async () => {
    await buyOne()
    const isRepeat = /outbox_relay_(reconnects|send_retries)_total/
    const repeats = [...(await metricsOf(system, isRepeat))].filter(
      ([name, value]) => value !== countedBefore.get(name),
    )
    expect(repeats).to.deep.equal([])
  })

  async function buyOne(): Promise<void> {
    const ada = await newCustomer(system, { points: 1_000n })
    const payment = await ada.buy(await ada.hold(await newConcert(system), ['A-1-1']))
    ada.close()
    expect(payment.status).to.equal(PaymentStatus.COMPLETED)
  }

  async function isQuiet(ms: number): Promise<boolean> {
    const marks = await logMarks(system)
    await sleep(ms)
    const written = [...(await linesSince(system, marks)).values()].flat()
    return !written.some(isWarning)
  }
})

/** Our processes log JSON, and here only from level `warn` on. Kafka and PostgreSQL name the severity in each line. */
function isWarning(line: string): boolean {
  return (
    line.startsWith('{') || / (WARN|ERROR|FATAL) /.test(line) || /\] (WARNING|ERROR|FATAL|PANIC):/.test(line)
  )
}

/** Matches the log lines of KafkaJS and of the brokers' group coordinator. */
function isRebalance(line: string): boolean {
  return /rebalanc/i.test(line)
}
