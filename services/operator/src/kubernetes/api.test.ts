import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { Agent } from 'undici'
import { createApi, type KubernetesApi } from './api.ts'
import { type ApiStatusError, isConflict } from './api-error.ts'

describe('a request to the API server', () => {
  let server: Server
  let dispatcher: Agent
  let api: KubernetesApi
  /** The answers, in order; the last one is repeated. */
  let answers: { readonly code: number; readonly retryAfter?: string; readonly body?: object }[]
  let asked: { readonly url: string; readonly contentType: string; readonly token: string }[]

  beforeEach(async () => {
    asked = []
    server = createServer((request, response) => {
      const { authorization = '', 'content-type': contentType = '' } = request.headers
      asked.push({ url: request.url ?? '', contentType, token: authorization })
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      const headers = answer?.retryAfter === undefined ? {} : { 'retry-after': answer.retryAfter }
      response.writeHead(answer?.code ?? 500, headers).end(JSON.stringify(answer?.body ?? {}))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    dispatcher = new Agent()
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const access = { server: url, namespace: 'a', dispatcher, token: () => 't', close: async () => {} }
    api = createApi({ access, fieldManager: 'operator' })
  })
  afterEach(async () => {
    await dispatcher.destroy()
    server.close()
  })

  it('that is refused as too many is retried after the time that the server asks for', async () => {
    answers = [
      { code: 429, retryAfter: '1' },
      { code: 200, body: { done: true } },
    ]
    const startedAt = performance.now()
    expect(await api.get('/x')).to.deep.equal({ done: true })
    expect(performance.now() - startedAt).to.be.at.least(990)
    expect(asked).to.have.length(2)
  })

  it('that is refused again and again fails in the end', async () => {
    answers = [{ code: 429, retryAfter: '0.01', body: { reason: 'TooManyRequests', message: 'busy' } }]
    const refusal = (await api.get('/x').catch((error) => error)) as ApiStatusError
    expect(refusal).to.include({ code: 429, reason: 'TooManyRequests', message: 'busy' })
    expect(asked).to.have.length(4)
  })

  it('that lost a race is refused at once, as a conflict', async () => {
    answers = [{ code: 409, body: { reason: 'Conflict', message: 'the object has been modified' } }]
    const refusal = await api.merge('/x', {}).catch((error) => error)
    expect(isConflict(refusal)).to.equal(true)
    expect(asked).to.have.length(1)
  })

  it('carries its token and the owner of the applied fields', async () => {
    answers = [{ code: 200 }]
    await api.apply('/x', { a: 1 })
    expect(asked).to.deep.equal([
      {
        url: '/x?fieldManager=operator&force=true',
        contentType: 'application/apply-patch+yaml',
        token: 'Bearer t',
      },
    ])
  })

  it('ends with its signal, also while it waits for a retry', async () => {
    answers = [{ code: 429, retryAfter: '10' }]
    const startedAt = performance.now()
    const failure = await api.get('/x', {}, { signal: AbortSignal.timeout(100) }).catch((error) => error)
    expect(failure).to.be.instanceOf(Error)
    expect(performance.now() - startedAt).to.be.below(5_000)
  })
})
