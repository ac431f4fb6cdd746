import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { expect } from 'chai'
import { ReplicationStream, type ReplicationStreamOptions } from './replication-stream.ts'
import { defaultNames } from './testing/outbox-database.ts'

describe('a replication stream that is being opened', () => {
  let server: Server
  let received: Buffer
  /** Accepts connections and answers nothing. */
  beforeEach(async () => {
    received = Buffer.alloc(0)
    server = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (data) => {
        received = Buffer.concat([received, data])
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(() => server.close())

  const failureOfOpen = (options: Partial<ReplicationStreamOptions>): Promise<unknown> =>
    ReplicationStream.open({
      database: { url: `postgres://relay:relay@127.0.0.1:${(server.address() as AddressInfo).port}/shop` },
      slotName: 'slot',
      names: defaultNames,
      applicationName: 'test',
      walSenderTimeoutMs: 100,
      rowsMax: 1,
      bytesMax: 1,
      ...options,
    }).catch((error: unknown) => error)

  it('says nothing of positions while the server has not begun, and gives up one that does not', async () => {
    expect(await failureOfOpen({ openWithinMs: 300 })).to.match(/has not begun replication within 300 ms/)
    const startup = received.readInt32BE(0)
    const goodbye = Buffer.of(0x58, 0, 0, 0, 4)
    expect(received.subarray(startup)).to.deep.equal(goodbye)
  })

  it('ends with its session', async () => {
    const session = new AbortController()
    const failure = failureOfOpen({ signal: session.signal })
    await once(server, 'connection')
    session.abort(new Error('the session is over'))
    expect(await failure).to.match(/the session is over/)
  })
})
