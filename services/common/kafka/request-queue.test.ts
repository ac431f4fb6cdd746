import { createRequire } from 'node:module'
import { expect } from 'chai'
import { createKafkaClient } from './create-client.ts'

interface Queue {
  throttleCheckTimeoutId: NodeJS.Timeout | null
  throttledUntil: number
  push(request: object): void
  fulfillRequest(response: object): void
  maybeThrottle(forMs: number): void
  destroy(): void
}

describe("KafkaJS's request queue", () => {
  let queue: Queue
  let sent: number[]

  beforeEach(() => {
    createKafkaClient({ brokers: ['127.0.0.1:9'], clientId: 'test' })
    const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue')
    const logger = { debug() {}, warn() {} }
    queue = new RequestQueue({
      maxInFlightRequests: 1,
      requestTimeout: 1_000,
      clientId: 'test',
      broker: 'test',
      logger,
    })
    sent = []
  })

  afterEach(() => queue.destroy())

  function push(correlationId: number): void {
    const entry = { correlationId, resolve() {}, reject() {} }
    queue.push({ entry, expectResponse: true, sendRequest: () => sent.push(correlationId) })
  }

  it('arms no timer while nothing waits', () => {
    push(1)
    queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 })
    expect(queue.throttleCheckTimeoutId).to.equal(null)
  })

  it('sends what waits when the request before it is answered', () => {
    push(1)
    push(2)
    expect(sent).to.deep.equal([1])
    queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 })
    expect(sent).to.deep.equal([1, 2])
  })

  it('sends what waits when a throttle has passed', async () => {
    queue.maybeThrottle(20)
    push(1)
    expect(sent).to.deep.equal([])
    while (sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(queue.throttledUntil).to.be.at.most(Date.now())
  })
})
