import { setTimeout as sleep } from 'node:timers/promises'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { expect } from 'chai'
import type { FeedEvent } from '../contract/answers.ts'
import { createFeed, type Feed } from './feed.ts'
import type { FeedSink } from './feed-client.ts'

const concert = '7f3214a1-6052-5830-b59d-30cb4615f28e'

describe('the stream of the trail', () => {
  let trail: FeedEvent[]
  let feed: Feed
  /** The number of queries to the trail. */
  let asked: number
  beforeEach(() => {
    asked = 0
    trail = []
    feed = replica()
  })
  afterEach(() => feed.stop())

  it('brings only new events to a reader that names no position', async () => {
    write(3)
    const reader = open()
    await until(() => feed.readers === 1 && reader.isCaughtUp())
    write(2)
    await until(() => reader.positions.length === 2)
    expect(reader.positions).to.deep.equal([4, 5])
  })

  it('continues after the last position that a reader saw, on any replica', async () => {
    const reader = open(0n)
    write(700)
    await until(() => reader.positions.length === 700)
    reader.leave()
    write(1_300)
    const other = replica()
    const again = open(700n, {}, other)
    write(10)
    await until(() => again.positions.length === 1_310)
    await other.stop()
    expect([...reader.positions, ...again.positions]).to.deep.equal(upTo(2_010))
  })

  it('leaves nothing out and brings nothing twice while it is written to', async () => {
    const readers = [open(0n)]
    for (let round = 0; round < 40; round++) {
      write(37)
      feed.poke()
      if (round % 8 === 0) readers.push(open(0n))
      await sleep(1)
    }
    await until(() => readers.every(({ positions }) => positions.length === trail.length))
    for (const { positions } of readers) expect(positions).to.deep.equal(upTo(trail.length))
  })

  it('brings only events of the payment or the concert that a reader asked for', async () => {
    const reader = open(0n, { concertId: concert })
    write(1)
    trail.push({
      ...event(2),
      seats: {
        concertId: concert,
        reservationId: 'c3d3ed0d-5b0a-4d39-a0ee-3e54b4c8d0f1',
        version: 1,
        createTime: '2026-11-23T12:00:00.000Z',
        seats: ['A-1-1'],
        status: 'HELD',
        userId: 'ada',
      },
    })
    write(1)
    await until(() => reader.positions.length === 1)
    expect(reader.positions).to.deep.equal([2])
  })

  it('resets a reader that was away for too long', async () => {
    write(6_000)
    const reader = open(1n)
    await until(() => reader.text.includes('event: reset'))
    write(1)
    await until(() => reader.positions.includes(6_001))
    expect(reader.positions).to.deep.equal([6_001])
  })

  it('resets a reader that is ahead of the trail, and so has read that of another system', async () => {
    write(3)
    const reader = open(700n)
    await until(() => reader.text.includes('id: 3\nevent: reset'))
    write(1)
    await until(() => reader.positions.length === 1)
    expect(reader.positions).to.deep.equal([4])
  })

  it('resets its readers when the trail is restored to an earlier position', async () => {
    write(9)
    const reader = open(0n)
    await until(() => reader.positions.length === 9)
    trail.length = 4
    await until(() => reader.text.includes('id: 4\nevent: reset'))
    const other = open(4n)
    write(2)
    await until(() => reader.positions.length === 11 && other.positions.length === 2)
    expect(reader.positions.slice(9)).to.deep.equal([5, 6])
  })

  it('drops a reader that does not read, and no other reader', async () => {
    const slow = open(0n)
    const quick = open(0n)
    slow.pendingBytes = 2_000_000
    write(5)
    await until(() => quick.positions.length === 5)
    expect([slow.state, quick.state, feed.readers]).to.deep.equal(['dropped', 'open', 1])
  })

  it('drops the slowest reader when all together have too much unread, even if each is within its own bound', async () => {
    const readers = [open(0n), open(0n), open(0n)]
    await until(() => readers.every(({ text }) => text.includes(': still here')))
    readers.forEach((reader, nth) => {
      reader.pendingBytes = [300_000, 900_000, 200_000][nth] ?? 0
    })
    write(1)
    await until(() => readers[0]?.positions.length === 1)
    expect(readers.map(({ state }) => state)).to.deep.equal(['open', 'dropped', 'open'])
  })

  it('reads no more of the trail for a reader that does not read', async () => {
    write(3_000)
    const reader = open(0n)
    reader.pendingBytes = 300_000
    await until(() => reader.isCaughtUp())
    expect(reader.positions).to.deep.equal([])
    reader.pendingBytes = 0
    await until(() => reader.positions.length === 3_000)
  })

  it('sends heartbeats, and ends its streams when it stops', async () => {
    const reader = open()
    await until(() => reader.text.includes(': still here'))
    await feed.stop()
    expect([reader.state, feed.readers]).to.deep.equal(['ended', 0])
  })

  it('accepts no reader once it has stopped, and queries the trail no more', async () => {
    write(3)
    await feed.stop()
    const before = asked
    const readers = [open(0n), open()]
    expect(readers.map(({ state, text }) => [state, text])).to.deep.equal([
      ['ended', ''],
      ['ended', ''],
    ])
    expect([feed.isStopped, feed.readers, asked - before]).to.deep.equal([true, 0, 0])
  })

  function replica(): Feed {
    return createFeed({
      read: async (after, limit) => {
        asked += 1
        await sleep(1)
        return trail.slice(Number(after), Number(after) + limit)
      },
      end: async () => {
        asked += 1
        return BigInt(trail.length)
      },
      log: createLog({ service: 'test', level: 'silent' }),
      pollMs: 5,
      heartbeatMs: 20,
      unreadBytesMax: 1_048_576,
    })
  }

  function open(after?: bigint, filter = {}, on = feed) {
    const reader = {
      text: '',
      state: 'open',
      pendingBytes: 0,
      get positions(): number[] {
        return [...reader.text.matchAll(/^id: (\d+)\nevent: message$/gm)].map(([, id]) => Number(id))
      },
      /** True after two heartbeats: the reader has caught up, so that later events are new to it. */
      isCaughtUp: () => reader.text.split(': still here').length > 2,
      leave() {},
    }
    const sink: FeedSink = {
      write(text) {
        reader.text += text.toString()
        return true
      },
      get pendingBytes() {
        return reader.pendingBytes
      },
      end() {
        reader.state = 'ended'
      },
      drop() {
        reader.state = 'dropped'
      },
    }
    reader.leave = on.open(sink, filter, after)
    return reader
  }

  function write(count: number): void {
    for (let nth = 0; nth < count; nth++) trail.push(event(trail.length + 1))
  }
})

function event(position: number): FeedEvent {
  return {
    position: String(position),
    topic: 'payment-events',
    partition: 0,
    offset: String(position - 1),
    type: 'boxoffice.payment.v1.PaymentAcceptedEvent',
    paymentId: null,
    madeTime: '2026-11-23T12:00:00.000Z',
    recordedTime: '2026-11-23T12:00:00.000Z',
    problem: null,
  }
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('not in time')
    await sleep(2)
  }
}
