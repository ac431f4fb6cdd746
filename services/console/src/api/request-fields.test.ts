import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { expect } from 'chai'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { createApp } from './http-app.ts'
import { registerPayments } from './payments.ts'
import { registerReplays } from './replays.ts'
import type { Services } from './services.ts'
import { registerTrail } from './trail.ts'

describe('a request to the console', () => {
  let app: FastifyInstance
  before(() => {
    app = createApp(createLog({ service: 'test', level: 'silent' }))
    // Every request is refused before it reaches what is behind the API.
    registerPayments(app, {} as never, {} as Services)
    registerReplays(app, { operators: {} } as Services)
    registerTrail(app, {} as never)
  })
  after(() => app.close())

  const requestId = '0a1b2c3d-4e5f-4789-8abc-def012345678'
  const refusals: readonly (readonly [what: string, field: string, request: InjectOptions])[] = [
    ['a number that is not decimal', 'limit', { url: '/api/payments?limit=0x10' }],
    ['a number past its bound', 'limit', { url: '/api/payments?limit=201' }],
    ['a negative number', 'limit', { url: '/api/payments?limit=-1' }],
    ['a parameter that comes twice', 'status', { url: '/api/payments?status=FAILED&status=FAILED' }],
    ['an unknown parameter', 'limits', { url: '/api/payments?limits=5' }],
    ['a name of the prototype', '__proto__', { url: '/api/payments?__proto__=5' }],
    ['a NUL', 'user', { url: '/api/payments?user=a%00b' }],
    ['a leap second', 'before', { url: `/api/payments?before=9999-12-31T23:59:60.000Z/${requestId}` }],
    [
      'a year that PostgreSQL lacks',
      'before',
      { url: `/api/payments?before=0000-01-01T00:00:00.000Z/${requestId}` },
    ],
    ['escapes that are not UTF-8', '%E0', { url: '/api/payments/%E0%A4%A' }],
    ['a lone surrogate', 'from', post('/api/replays/payment/dry-run', { from: '\ud800' })],
    ['a service that is a name of the prototype', 'service', { url: `/api/replays/__proto__/${requestId}` }],
    ['text for a number', 'lostMax', post('/api/trail/rebuild', { lostMax: '5' })],
    ['null for a number', 'lostMax', post('/api/trail/rebuild', { lostMax: null })],
    ['more digits than a number has', 'lostMax', post('/api/trail/rebuild', { lostMax: 1e300 })],
    ['a body that sets a prototype', 'Body', post('/api/trail/rebuild', '{"lostMax":1,"__proto__":{}}')],
    ['a body that is not an object', 'body', post('/api/trail/rebuild', 'null')],
    ['an unknown field of a body', 'more', post('/api/trail/rebuild', { lostMax: 1, more: 1 })],
  ]
  for (const [what, field, request] of refusals) {
    it(`is refused for ${what}, and the answer names the field`, async () => {
      const answer = await app.inject(request)
      expect(answer.statusCode, answer.body).to.equal(400)
      expect(answer.json()).to.include({ code: 'INVALID_ARGUMENT', reason: 'FIELD_VIOLATION' })
      expect(answer.json().message).to.contain(field)
    })
  }
})

function post(url: string, body: object | string): InjectOptions {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { method: 'POST', url, body: text, headers: { 'content-type': 'application/json' } }
}
