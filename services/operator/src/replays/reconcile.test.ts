import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { expect } from 'chai'
import { type FakeApiServer, startFakeApiServer } from '../testing/fake-api-server.ts'
import { type FakeService, fakeService, unreachable } from '../testing/fake-service.ts'
import { reconcileReplay } from './reconcile.ts'

const key = 'boxoffice/again'

describe('a replay whose service does not answer', () => {
  let server: FakeApiServer
  let service: FakeService
  let notes: string[]
  beforeEach(async () => {
    server = await startFakeApiServer()
    service = fakeService()
    notes = []
    server.make('again', { group: 'point', from: { earliest: true } })
  })
  afterEach(() => server.stop())

  /** Runs this many steps, each with the newest resource. */
  async function steps(count: number): Promise<void> {
    for (let nth = 0; nth < count; nth++) {
      await reconcileReplay(
        {
          api: server.api,
          replays: { get: server.get, put: () => {} },
          services: new Map([['point', service.client]]),
          namespace: 'boxoffice',
          events: { record: (_about, { note }) => notes.push(note) },
          intervalMs: 1_000,
          log: createLog({ service: 'test', level: 'silent' }),
          signal: new AbortController().signal,
        },
        key,
      )
    }
  }

  it('reports that once, however often it is asked and whatever each attempt answers', async () => {
    service.failure = unreachable
    await steps(5)
    expect(service.calls).to.deep.equal(['plan', 'plan', 'plan', 'plan'])
    const [complete] = server.get(key)?.status?.conditions ?? []
    expect(complete).to.include({
      reason: 'ServiceUnavailable',
      message: 'The service cannot be asked: no answer; trying again',
    })
    expect(server.statuses).to.have.length(1)
    expect(notes).to.deep.equal(['The service cannot be asked: no answer; trying again'])
  })

  it('reports once that its deletion waits, and goes when it could be cancelled', async () => {
    await steps(3)
    expect(server.get(key)?.status?.phase).to.equal('Running')
    service.failure = unreachable
    server.delete(key)
    const before = { notes: notes.length, written: server.statuses.length }
    await steps(4)
    const note = 'The deletion waits until point can be asked to stop: The service cannot be asked: no answer'
    expect(notes.slice(before.notes)).to.deep.equal([`${note}; trying again`])
    expect(server.statuses.length - before.written).to.equal(1)
    expect(server.get(key)?.status?.phase).to.equal('Running')
    service.failure = undefined
    await steps(1)
    expect(server.get(key)).to.equal(undefined)
  })
})
