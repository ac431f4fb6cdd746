import { setTimeout as sleep } from 'node:timers/promises'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { ReplayPhase } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { expect } from 'chai'
import { createOperatorMetrics } from '../metrics.ts'
import { type FakeApiServer, startFakeApiServer } from '../testing/fake-api-server.ts'
import { type FakeService, fakeService } from '../testing/fake-service.ts'
import { keepReplays } from './keep.ts'

const key = 'boxoffice/again'

describe('replays that are kept', () => {
  let server: FakeApiServer
  let service: FakeService
  let stopping: AbortController
  let running: Promise<void>
  beforeEach(async () => {
    server = await startFakeApiServer()
    service = fakeService()
    stopping = new AbortController()
    running = Promise.resolve()
  })
  afterEach(async () => {
    stopping.abort()
    await running
    await server.stop()
  })

  function keep(intervalMs: number): void {
    running = keepReplays({
      access: server.access,
      api: server.api,
      namespace: 'boxoffice',
      ofNamespaces: 'own',
      services: new Map([['point', service.client]]),
      events: { record: () => {} },
      intervalMs,
      resyncIntervalMs: 600_000,
      metrics: createOperatorMetrics(createMetrics('operator')),
      log: createLog({ service: 'test', level: 'silent' }),
      signal: stopping.signal,
    })
    server.make('again', { group: 'point', from: { earliest: true } })
  }

  it('are checked and written once in each interval while they run, however often they make progress', async () => {
    const intervalMs = 100
    keep(intervalMs)
    await until(() => looks() > 0)
    const startedAt = performance.now()
    const before = { looks: looks(), written: server.statuses.length }
    await until(() => looks() >= before.looks + 10)
    expect(performance.now() - startedAt).to.be.at.least(9 * intervalMs)
    expect(server.statuses.length - before.written).to.be.within(9, 11)
  })

  it('take each of their steps once, and do not wait between them', async () => {
    service.phase = ReplayPhase.DONE
    keep(600_000)
    await until(() => server.get(key)?.status?.phase === 'Succeeded' && finalizers().length === 0)
    expect(service.calls).to.deep.equal(['plan', 'start'])
    expect(server.statuses.map(({ phase }) => phase)).to.deep.equal(['Starting', 'Succeeded'])
  })

  it('are cancelled at once when they are deleted', async () => {
    keep(600_000)
    await until(() => server.get(key)?.status?.phase === 'Running')
    server.delete(key)
    await until(() => server.get(key) === undefined)
    expect(service.calls).to.deep.equal(['plan', 'start', 'cancel'])
  })

  const looks = () => service.calls.filter((call) => call === 'look').length
  const finalizers = () => server.get(key)?.metadata.finalizers ?? []
})

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('not within 10 s')
    await sleep(1)
  }
}
