import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { expect } from 'chai'
import type { CallOptions, KubernetesApi } from './api.ts'
import { ApiStatusError } from './api-error.ts'
import { leadInTurn } from './leader.ts'

const durationMs = 1_500

describe('a leader', () => {
  let stopping: AbortController
  beforeEach(() => {
    stopping = new AbortController()
  })
  afterEach(() => stopping.abort())

  it('has stopped before another leader may begin, also while a renewal gets no answer', async () => {
    let takenAt = 0
    const startedAt = performance.now()
    const running = lead({
      create: async (body) => {
        takenAt = performance.now()
        return body
      },
      replace: async (_body, signal) => {
        // The last renewal begins after half of the time.
        if (performance.now() - startedAt < durationMs * 0.45) throw new Error('not now')
        return await aborted(signal)
      },
    })
    const endedAt = await running.ended
    expect(takenAt).to.be.greaterThan(0)
    expect(endedAt - takenAt).to.be.below(durationMs)
  })

  it('counts its time from its request for the lease, because the answer may be late', async () => {
    let answeredAt = 0
    const running = lead({
      create: async (body) => {
        await new Promise((resolve) => setTimeout(resolve, durationMs * 0.3))
        answeredAt = performance.now()
        return body
      },
      replace: async (_body, signal) => await aborted(signal),
    })
    expect((await running.ended) - answeredAt).to.be.below(durationMs * 0.6)
  })

  it('keeps leading while its renewals are answered', async () => {
    let renewals = 0
    let ended = false
    const enough = Promise.withResolvers<void>()
    const running = lead({
      create: async (body) => body,
      replace: async (body) => {
        renewals += 1
        if (renewals === 5) enough.resolve()
        return body
      },
    })
    void running.ended.then(() => {
      ended = true
    })
    await enough.promise
    expect(ended).to.equal(false)
  })

  /** Leads with a lease that does not exist yet, and resolves when the leader has to end. */
  function lead(calls: {
    create(body: object): Promise<object>
    replace(body: object, signal: AbortSignal | undefined): Promise<object>
  }): { readonly ended: Promise<number> } {
    const ended = Promise.withResolvers<number>()
    const api: Partial<KubernetesApi> = {
      get: async () => {
        throw new ApiStatusError({ code: 404, message: 'there is none' })
      },
      create: async <T>(_path: string, body: object) => (await calls.create(body)) as T,
      replace: async <T>(_path: string, body: object, options?: CallOptions) =>
        (await calls.replace(body, options?.signal)) as T,
    }
    void leadInTurn(
      {
        api: api as KubernetesApi,
        namespace: 'a',
        name: 'operator',
        identity: 'me',
        durationMs,
        log: createLog({ service: 'test', level: 'silent' }),
        onChange: () => {},
        async lead(signal) {
          await aborted(signal).catch(() => ended.resolve(performance.now()))
          stopping.abort()
        },
      },
      stopping.signal,
    )
    return { ended: ended.promise }
  }
})

/** Never answers, and fails when it is aborted. */
function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
