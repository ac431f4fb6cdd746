import { expect } from 'chai'
import { readConfig } from './config.ts'

const env = {
  DATABASE_URL: 'postgres://127.0.0.1/reservation',
  KAFKA_BROKERS: '127.0.0.1:9092',
  AUTH_JWKS: 'http://127.0.0.1/jwks.json',
}

describe('the settings of the reservation service', () => {
  it('hold seats for five minutes unless told otherwise', () => {
    expect(readConfig(env).holdDurationMs).to.equal(300_000)
    expect(readConfig({ ...env, HOLD_DURATION_MS: '90s' }).holdDurationMs).to.equal(90_000)
  })

  it('take a hold of a second to an hour', () => {
    for (const value of ['999', '61m', 'soon']) {
      expect(() => readConfig({ ...env, HOLD_DURATION_MS: value })).to.throw(`HOLD_DURATION_MS is "${value}"`)
    }
  })
})
