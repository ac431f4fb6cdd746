import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { expect } from 'chai'
import { type FastifyInstance, fastify } from 'fastify'
import { createFeed, type Feed } from '../feed/feed.ts'
import { answerError } from './errors.ts'
import { registerEvents } from './events.ts'

describe('the stream of a replica', () => {
  const log = createLog({ service: 'test', level: 'silent' })
  let feed: Feed
  let app: FastifyInstance
  beforeEach(() => {
    feed = createFeed({ read: async () => [], end: async () => 0n, log })
    app = fastify({ forceCloseConnections: true })
    app.setErrorHandler(answerError(log))
    registerEvents(app, feed)
  })
  afterEach(async () => {
    await feed.stop()
    await app.close()
  })

  it('is not to be had once the replica stops: readers are sent to another one', async () => {
    const address = await app.listen({ host: '127.0.0.1', port: 0 })
    const stream = await fetch(`${address}/api/events`)
    expect(stream.status).to.equal(200)
    await feed.stop()
    expect(await stream.text()).to.contain('retry: 1000')
    const again = await fetch(`${address}/api/events`, { signal: AbortSignal.timeout(5_000) })
    expect(again.status).to.equal(503)
    expect([again.headers.get('retry-after'), again.headers.get('connection')]).to.deep.equal(['1', 'close'])
    expect(await again.json()).to.deep.equal({
      code: 'UNAVAILABLE',
      reason: 'NOT_READY',
      message: 'This replica is stopping; come back to another',
    })
  })
})
