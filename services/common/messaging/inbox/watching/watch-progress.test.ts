import type { Database } from '@boxoffice/common/postgres/database.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import type { TopicLook } from '@boxoffice/kafka'
import { expect } from 'chai'
import { Assignment } from '../assignment/assignment.ts'
import { watchProgress } from './watch-progress.ts'

describe('the watch of a consumer', () => {
  it('takes back that nothing moves once Kafka cannot be asked, and looks as often again before it says so', async () => {
    const assignment = new Assignment([{ topic: 'test', partition: 0 }])
    const position = { topic: 'test', partition: 0, nextOffset: 3n, isRecreated: false, recentPoison: [] }
    assignment.locate([position], { batchLimitMax: 1, attemptsMax: 3, poisonWindow: 10 })
    const seen: TopicLook = {
      ids: new Map(),
      ranges: new Map([['test', new Map([[0, { begin: 0n, end: 9n }]])]]),
    }
    const faults: (string | undefined)[] = []
    let isKafkaAway = false
    const timer = watchProgress({
      consumer: 'wallet',
      database: { transaction: () => Promise.reject(new Error('not asked')) } as Pick<
        Database,
        'transaction'
      >,
      stuckMs: 60,
      log: createLog({ service: 'test', level: 'silent' }),
      async look() {
        if (isKafkaAway) throw new Error('Kafka is away')
        return seen
      },
      assignment: () => assignment,
      failures: () => 0,
      onLook: (fault) => void faults.push(fault),
    })
    try {
      await until(() => faults.at(-1) !== undefined)
      isKafkaAway = true
      await until(() => faults.length > 0 && faults.at(-1) === undefined)
      isKafkaAway = false
      const told = faults.length
      await until(() => faults.length > told && faults.at(-1) !== undefined)
      expect(faults.slice(told).filter((fault) => fault === undefined)).to.have.length.at.least(6)
    } finally {
      await timer.stop()
    }
  })
})

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('not in time')
    await new Promise((wake) => setTimeout(wake, 2))
  }
}
