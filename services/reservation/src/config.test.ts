import { expect } from 'chai'
import { readConfig } from './config.ts'

const env = {
  DATABASE_URL: 'postgres://127.0.0.1/reservation',
  KAFKA_BROKERS: '127.0.0.1:9092',
  AUTH_JWKS: 'http://127.0.0.1/jwks.json',
}

describe('the settings of the reservation service', () => {
  it('hold seats for five minutes by default', () => {
    expect(readConfig(env).holdDurationMs).to.equal(300_000)
    expect(readConfig({ ...env, HOLD_DURATION_MS: '90s' }).holdDurationMs).to.equal(90_000)
  })

  it('take a hold of a second to an hour', () => {
    for (const value of ['999', '61m', 'soon']) {
      expect(() => readConfig({ ...env, HOLD_DURATION_MS: value })).to.throw(`HOLD_DURATION_MS is "${value}"`)
    }
  })

  it('let one user hold and buy eight seats of a concert, in four holds, with a minute between holds of a seat', () => {
    expect(readConfig(env)).to.include({ seatsPerUserMax: 8, openHoldsMax: 4, pauseMs: 60_000 })
    const limits = { SEATS_PER_USER_MAX: '2', OPEN_HOLDS_PER_USER_MAX: '1', HOLD_PAUSE_MS: '0' }
    expect(readConfig({ ...env, ...limits })).to.include({ seatsPerUserMax: 2, openHoldsMax: 1, pauseMs: 0 })
  })

  it('refuse a limit with which no user could hold anything', () => {
    for (const variable of ['SEATS_PER_USER_MAX', 'OPEN_HOLDS_PER_USER_MAX']) {
      expect(() => readConfig({ ...env, [variable]: '0' })).to.throw(`${variable} is "0"`)
    }
  })
})
