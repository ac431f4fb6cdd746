import type { Database } from '@boxoffice/common/postgres/database.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { expect } from 'chai'
import type { FastifyInstance } from 'fastify'
import { createApp } from './http-app.ts'
import { registerPayments } from './payments.ts'
import type { Services } from './services.ts'

describe('a search for payments by the beginning of their id', () => {
  let app: FastifyInstance
  beforeEach(() => {
    app = createApp(createLog({ service: 'test', level: 'silent' }))
    // A request that reaches the database has passed its schema.
    registerPayments(app, { em: reached } as unknown as Database, {} as Services)
  })
  afterEach(() => app.close())

  it('accepts any beginning of a UUID, with dashes or without', async () => {
    const whole = '0a1b2c3d-4e5f-4789-8abc-def012345678'
    for (let length = 1; length <= whole.length; length++) {
      expect(await statusOf(whole.slice(0, length)), whole.slice(0, length)).to.equal(reachedStatus)
      const digits = whole.slice(0, length).replaceAll('-', '')
      expect(await statusOf(digits), digits).to.equal(reachedStatus)
    }
    expect(await statusOf('0A1B2C3D-4E')).to.equal(reachedStatus)
  })

  it('refuses what no UUID begins with', async () => {
    for (const id of ['-', '0a1b-', '0a1b2c3d--', '0a1b2c3d-4e5f4-', 'x', '%', `${'0'.repeat(33)}`])
      expect(await statusOf(id), id).to.equal(400)
  })

  async function statusOf(id: string): Promise<number> {
    return (await app.inject({ url: '/api/payments', query: { id } })).statusCode
  }
})

/** The status of a service that cannot reach its database. */
const reachedStatus = 503

function reached(): never {
  throw Object.assign(new Error('there is no database'), { code: 'ECONNREFUSED' })
}
