import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { createMetrics } from '../telemetry/metrics.ts'
import { type HttpEndpoint, startHttpEndpoint } from './http-endpoint.ts'
import { createLiveness } from './liveness.ts'
import { createReadiness } from './readiness.ts'

describe('the HTTP endpoint', () => {
  const readiness = createReadiness()
  const liveness = createLiveness()
  const metrics = createMetrics('payment')
  let endpoint: HttpEndpoint
  before(async () => {
    endpoint = await startHttpEndpoint({ address: '127.0.0.1:0', metrics, readiness, liveness })
  })
  after(() => endpoint.stop())

  const get = (path: string, method = 'GET'): Promise<Response> =>
    fetch(`http://${endpoint.address}${path}`, { method })

  it('serves the metrics of the process, with its name', async () => {
    metrics.counter({ name: 'tickets_total', help: 'tickets' }).inc(3)
    const response = await get('/metrics')
    const body = await response.text()
    expect(response.headers.get('content-type')).to.match(/^text\/plain/)
    expect(body)
      .to.include('tickets_total{service="payment"} 3')
      .and.to.include('nodejs_eventloop_lag_seconds')
  })

  it('is alive, and ready only while the process is', async () => {
    expect((await get('/livez')).status).to.equal(200)
    expect((await get('/readyz')).status).to.equal(503)
    readiness.set(true)
    expect((await get('/readyz')).status).to.equal(200)
    readiness.set(false)
    expect((await get('/readyz')).status).to.equal(503)
  })

  it('is not alive, and says why, while only a restart helps', async () => {
    liveness.set('nothing moves')
    const response = await get('/livez')
    expect([response.status, await response.text()]).to.deep.equal([503, 'nothing moves\n'])
    liveness.set(undefined)
    expect((await get('/livez')).status).to.equal(200)
  })

  it('serves no other path or method', async () => {
    expect((await get('/')).status).to.equal(404)
    expect((await get('/livez', 'POST')).status).to.equal(405)
  })

  it('collects once for all scrapers that come at the same time', async () => {
    let collected = 0
    metrics.gauge({
      name: 'slow_rows',
      help: 'rows',
      async collect() {
        collected += 1
        await sleep(100)
        this.set(1)
      },
    })
    const answers = await Promise.all(Array.from({ length: 20 }, () => get('/metrics')))
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(20).fill(200))
    // Scrapers that came while the first collection ended share a second one.
    expect(collected).to.be.at.most(2)
  })

  describe('that is alone with its connections', () => {
    let crowded: HttpEndpoint
    before(async () => {
      crowded = await startHttpEndpoint({ address: '127.0.0.1:0', metrics, readiness })
    })
    after(() => crowded.stop())

    it('has at most 256 connections, and ends silent ones', async function () {
      this.timeout(20_000)
      const [host, port] = crowded.address.split(':')
      const sockets = Array.from({ length: 300 }, () => connect({ host: host ?? '', port: Number(port) }))
      let closed = 0
      for (const socket of sockets) {
        socket.resume()
        socket.on('error', () => {
          // The connection was cut, as expected.
        })
        socket.on('close', () => {
          closed += 1
        })
      }
      const closedWithin = async (most: number, ms: number): Promise<number> => {
        const deadline = Date.now() + ms
        while (closed < most && Date.now() < deadline) await sleep(50)
        return closed
      }
      // Before headersTimeout ends the other connections.
      expect(await closedWithin(44, 4_000), 'too many').to.equal(44)
      expect(await closedWithin(300, 12_000), 'silent').to.equal(300)
      expect((await fetch(`http://${crowded.address}/livez`)).status).to.equal(200)
    })
  })

  it('fails with an error when its port is taken', async () => {
    const second = startHttpEndpoint({ address: endpoint.address, metrics, readiness })
    expect(await second.catch((error: unknown) => error)).to.have.property('code', 'EADDRINUSE')
  })
})
