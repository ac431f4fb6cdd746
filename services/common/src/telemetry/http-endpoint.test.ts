import { expect } from 'chai'
import { createReadiness } from '../lifecycle/readiness.ts'
import { type HttpEndpoint, startHttpEndpoint } from './http-endpoint.ts'
import { createMetrics } from './metrics.ts'

describe('the HTTP endpoint', () => {
  const readiness = createReadiness()
  const metrics = createMetrics('payment')
  let endpoint: HttpEndpoint
  before(async () => {
    endpoint = await startHttpEndpoint({ address: '127.0.0.1:0', metrics, readiness })
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

  it('answers nothing else', async () => {
    expect((await get('/')).status).to.equal(404)
    expect((await get('/livez', 'POST')).status).to.equal(405)
  })

  it('says so when its port is taken', async () => {
    const second = startHttpEndpoint({ address: endpoint.address, metrics, readiness })
    expect(await second.catch((error: unknown) => error)).to.have.property('code', 'EADDRINUSE')
  })
})
