import { expect } from 'chai'
import type { FeedEvent, Overview } from '../../../src/contract/answers.ts'
import { openStream, type StreamOptions } from './stream.ts'

describe('the stream of the page', () => {
  const { fetch } = globalThis
  let connections: Connection[]
  let readers: Reader[]

  before(() => {
    const sessionStorage = { getItem: () => 'a token' }
    Object.defineProperty(globalThis, 'sessionStorage', { configurable: true, value: sessionStorage })
    globalThis.fetch = async (path, { headers = {}, signal } = {}) => {
      signal?.throwIfAborted()
      const { 'last-event-id': after } = headers as Record<string, string>
      const connection = new Connection(String(path), after)
      signal?.addEventListener('abort', () => connection.end(signal.reason))
      connections.push(connection)
      return new Response(connection.body)
    }
  })
  beforeEach(() => {
    connections = []
    readers = []
  })
  afterEach(() => {
    for (const { close } of readers) close()
    expect(connections.filter(({ open }) => open)).to.deep.equal([])
  })
  after(() => {
    globalThis.fetch = fetch
    Reflect.deleteProperty(globalThis, 'sessionStorage')
  })

  it('is one connection for all readers, from the first to the last', async () => {
    const [first, second] = [open(), open(), open()]
    await until(() => connections.length === 1)
    connections[0]?.send(1, 2)
    await until(() => readers.every(({ positions }) => positions.length === 2))
    first?.close()
    connections[0]?.send(3)
    await until(() => second?.positions.length === 3)
    expect(connections.map(({ path, open }) => [path, open])).to.deep.equal([['/api/events', true]])
    for (const { close } of readers) close()
    expect(connections[0]?.open).to.equal(false)
    open({ after: '3' })
    await until(() => connections.length === 2)
    expect(connections[1]?.after).to.equal('3')
  })

  it('brings each reader the events that it asked for', async () => {
    const [first, second] = [open({ payment: 'p-2' }), open({ concert: 'c-3' })]
    await until(() => connections.length === 1)
    connections[0]?.send(1, 2, 3)
    await until(() => first.positions.length === 1 && second.positions.length === 1)
    expect([first.positions, second.positions]).to.deep.equal([['2'], ['3']])
  })

  it('goes back for a reader that comes later, and brings no reader an event twice', async () => {
    const early = open({ after: '10' })
    await until(() => connections.length === 1)
    connections[0]?.send(11, 12, 13)
    await until(() => early.positions.length > 0)
    connections[0]?.send(14)
    await until(() => early.positions.length === 4)
    const late = open({ after: '12' })
    await until(() => connections.length === 2)
    expect([connections[0]?.open, connections[1]?.after]).to.deep.equal([false, '12'])
    connections[1]?.send(13, 14, 15)
    await until(() => late.positions.length === 3 && early.positions.length === 5)
    expect([early.positions, late.positions]).to.deep.equal([
      ['11', '12', '13', '14', '15'],
      ['13', '14', '15'],
    ])
    expect([early.resets, late.resets]).to.deep.equal([0, 0])
  })

  it('shows waiting events before it goes back', async () => {
    const early = open({ after: '10' })
    await until(() => connections.length === 1)
    connections[0]?.send(11)
    await until(() => early.positions.length === 1)
    // This event comes soon after the one before, and so waits for a moment.
    connections[0]?.send(12, 13)
    await until(() => connections[0]?.isRead === true)
    const late = open({ after: '11' })
    connections[0]?.send(14)
    await until(() => connections.length === 2)
    connections[1]?.send(12, 13, 14)
    await until(() => late.positions.length === 3 && early.positions.length === 4)
    expect([early.positions, late.positions]).to.deep.equal([
      ['11', '12', '13', '14'],
      ['12', '13', '14'],
    ])
  })

  it('does not go back for a reader that has read further', async () => {
    const early = open({ after: '10' })
    await until(() => connections.length === 1)
    const late = open({ after: '12' })
    const now = open()
    connections[0]?.send(11, 12, 13)
    await until(() => readers.every(({ positions }) => positions.at(-1) === '13'))
    expect([early, late, now].map(({ positions }) => positions[0])).to.deep.equal(['11', '13', '11'])
    expect(connections).to.have.lengthOf(1)
  })

  it('resets readers that began at an unknown end, when it goes to a position', async () => {
    const early = open()
    await until(() => connections.length === 1)
    const late = open({ after: '12' })
    await until(() => connections.length === 2)
    expect([connections[1]?.after, early.resets, late.resets]).to.deep.equal(['12', 1, 0])
  })

  it('brings the last overview to a later reader, as long as there was a reader all the time', async () => {
    const first = open()
    await until(() => connections.length === 1)
    connections[0]?.write('event: overview\ndata: {"time":"now"}\n\n')
    await until(() => first.overviews.length === 1)
    const second = open()
    await until(() => second.overviews.length === 1)
    for (const { close } of readers) close()
    const third = open()
    await until(() => connections.length === 2)
    expect(third.overviews).to.deep.equal([])
  })

  it('reconnects after the last event that it saw, and passes a reset on', async () => {
    const reader = open({ after: '10' })
    await until(() => connections.length === 1)
    connections[0]?.send(11)
    await until(() => reader.positions.length === 1)
    connections[0]?.end()
    await until(() => connections.length === 2)
    expect(connections[1]?.after).to.equal('11')
    connections[1]?.write('id: 9000\nevent: reset\ndata: {}\n\n')
    connections[1]?.send(9001)
    await until(() => reader.positions.length === 2)
    expect([reader.positions, reader.resets]).to.deep.equal([['11', '9001'], 1])
  })

  function open(options: StreamOptions = {}): Reader {
    const reader: Reader = { positions: [], overviews: [], resets: 0, close: () => {} }
    reader.close = openStream({
      ...options,
      onEvents: (events) => reader.positions.push(...events.map(({ position }) => position)),
      onOverview: (overview) => reader.overviews.push(overview),
      onReset: () => {
        reader.resets += 1
      },
    })
    readers.push(reader)
    return reader
  }
})

interface Reader {
  readonly positions: string[]
  readonly overviews: Overview[]
  resets: number
  close(): void
}

/** The server's side. */
class Connection {
  readonly path: string
  readonly after: string | undefined
  readonly body: ReadableStream<Uint8Array>
  open = true
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined

  constructor(path: string, after: string | undefined) {
    this.path = path
    this.after = after
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller
      },
    })
  }

  /** Whether the page has read everything that the server has sent. */
  get isRead(): boolean {
    return this.#controller?.desiredSize === 1
  }

  send(...positions: number[]): void {
    this.write(
      positions
        .map((position) => `id: ${position}\nevent: message\ndata: ${JSON.stringify(event(position))}\n\n`)
        .join(''),
    )
  }

  write(text: string): void {
    if (this.open) this.#controller?.enqueue(new TextEncoder().encode(text))
  }

  end(reason?: unknown): void {
    if (!this.open) return
    this.open = false
    if (reason === undefined) this.#controller?.close()
    else this.#controller?.error(reason)
  }
}

function event(position: number): Partial<FeedEvent> {
  return {
    position: String(position),
    paymentId: `p-${position}`,
    seats: {
      concertId: `c-${position}`,
      reservationId: `r-${position}`,
      version: 1,
      createTime: '2026-03-01T10:00:00.000Z',
      seats: [],
      status: 'HELD',
      userId: 'ada',
    },
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('not in time')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
