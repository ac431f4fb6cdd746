import { randomUUID } from 'node:crypto'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import type { UsePointCommand } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { expect } from 'chai'
import { createDeadLetters, createPositions, createReplays } from './operations.ts'

describe('the operations of a caller that remembers no requests', () => {
  let fixture: ConsumerFixture

  before(async () => {
    fixture = await createConsumerFixture()
  })
  afterEach(() => fixture.clear())
  after(() => fixture.dispose())

  it('redrive once for each id, and return the same summary again', async () => {
    const topic = await fixture.topic()
    let isBroken = true
    const handler = recordingHandler([topic], async ({ body }) => {
      if (isBroken && (body as UsePointCommand).amount === 1n) throw new TypeError('not that amount')
    })
    await fixture.start({ name: 'wallet', handler, settings: { attemptsMax: 1 } })
    await fixture.send(topic, [
      commandRecord({ key: 'ada', amount: 1n }),
      commandRecord({ key: 'ada', amount: 2n }),
    ])
    const deadLetters = createDeadLetters({
      ...{ name: 'wallet', source: 'wallet', database: fixture.db.database, handler },
    })
    await until('both are put aside', async () => (await deadLetters.count({ state: 'PUT_ASIDE' })) === 2)
    const [first] = await deadLetters.list({}, { limit: 1 })
    const request = () => ({
      redriveId: randomUUID(),
      subject: 'ann',
      selection: { case: 'deadLetterId', value: first?.deadLetterId ?? '' } as const,
      signal: AbortSignal.timeout(30_000),
    })
    const failed = await deadLetters.redrive(request())
    expect(failed).to.include({ subject: 'ann', redriven: 0, failed: 1, remaining: 2 })
    isBroken = false
    const again = request()
    const summary = await deadLetters.redrive(again)
    expect(summary).to.include({ redriven: 2, failed: 0, remaining: 0 })
    expect(await deadLetters.redrive(again)).to.deep.equal(summary)
    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal([1, 2])
    const whole = await deadLetters.get(first?.deadLetterId ?? '')
    expect(whole.history.map(({ action }) => action)).to.deep.equal([
      'PUT_ASIDE',
      'REDRIVE_FAILED',
      'REDRIVEN',
    ])
  })

  it('redrive once when the same id comes ten times at once', async () => {
    const topic = await fixture.topic()
    let isBroken = true
    const handler = recordingHandler([topic], async () => {
      if (isBroken) throw new TypeError('not now')
    })
    await fixture.start({ name: 'wallet', handler, settings: { attemptsMax: 1 } })
    await fixture.send(topic, [
      commandRecord({ key: 'ada', amount: 1n }),
      commandRecord({ key: 'ada', amount: 2n }),
    ])
    const deadLetters = createDeadLetters({
      ...{ name: 'wallet', source: 'wallet', database: fixture.db.database, handler },
    })
    await until('both are put aside', async () => (await deadLetters.count({ state: 'PUT_ASIDE' })) === 2)
    isBroken = false
    const request = {
      ...{ redriveId: randomUUID(), subject: 'ann', selection: { case: 'filter', value: {} } as const },
      signal: AbortSignal.timeout(30_000),
    }
    const summaries = await tenAtOnce('redrive', () => deadLetters.redrive(request))
    for (const summary of summaries) expect(summary).to.deep.equal(summaries[0])
    expect(summaries[0]).to.include({ redriven: 2, failed: 0, remaining: 0 })
    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal([1, 2])
  })

  it('start one replay when the same id comes ten times at once', async () => {
    const topic = await fixture.topic()
    const handler = recordingHandler([topic])
    const member = await fixture.start({ name: 'wallet', handler })
    await fixture.send(topic, [commandRecord(), commandRecord()])
    await until('both are handled', async () => (await fixture.effects()).length === 2)
    await member.stop()
    const replays = createReplays({
      ...{ name: 'wallet', database: fixture.db.database, kafka: fixture.kafka, handler },
    })
    const range = { consumer: 'wallet', topics: [], from: { case: 'earliest' } } as const
    const request = { replayId: randomUUID(), range, asked: 'all', subject: 'ann' }
    const started = await tenAtOnce('replay', () => replays.start(request))
    for (const replay of started) expect(replay).to.deep.equal(started[0])
    expect(started[0]).to.include({ replayId: request.replayId, phase: 'RUNNING' })
  })

  it('start one replay for each id, and return it again', async () => {
    const topic = await fixture.topic()
    const handler = recordingHandler([topic])
    const member = await fixture.start({ name: 'wallet', handler })
    await fixture.send(topic, [commandRecord(), commandRecord()])
    await until('both are handled', async () => (await fixture.effects()).length === 2)
    await member.stop()
    const options = { name: 'wallet', database: fixture.db.database, kafka: fixture.kafka, handler }
    const replays = createReplays(options)
    const range = { consumer: 'wallet', topics: [], from: { case: 'earliest' } } as const
    const request = { replayId: randomUUID(), range, asked: 'all', subject: 'ann' }
    const replay = await replays.start(request)
    expect(replay).to.include({ phase: 'RUNNING', range: 'all', startedBy: 'ann' })
    expect(await replays.start(request)).to.deep.equal(replay)
    const { partitions, runningReplayId } = await createPositions(options).read()
    expect(runningReplayId).to.equal(request.replayId)
    expect(partitions.reduce((sum, { lag }) => sum + lag, 0n)).to.equal(2n)
  })

  /** Keeps a table from being changed until all ten calls have seen what is in it. */
  async function tenAtOnce<T>(table: string, call: () => Promise<T>): Promise<T[]> {
    const calls = await fixture.db.database.transaction(async (em) => {
      await em.query(`LOCK TABLE ${table} IN SHARE MODE`)
      const all = Promise.all(Array.from({ length: 10 }, call))
      // The pool lends as many connections as there are besides this one.
      await until('nine wait', async () => (await em.query(selectWaiting)).length === 9)
      return { all }
    })
    return await calls.all
  }

  const selectWaiting = `
    SELECT DISTINCT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND NOT granted`
})
