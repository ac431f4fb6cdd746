import { ConfigError } from '@boxoffice/common/config/settings.ts'
import { expect } from 'chai'
import { namesOf, readConfig } from './config.ts'

const env = { RELAY_NAME: 'payment', DATABASE_URL: 'postgres://u:p@h/payment', KAFKA_BROKERS: 'a:1,b:2' }

describe('the relay settings', () => {
  it('need a name, a database and brokers, and nothing else', () => {
    expect(readConfig(env)).to.deep.include({
      relayName: 'payment',
      kafkaBrokers: ['a:1', 'b:2'],
      batchRowsMax: 500,
    })
  })

  it('take shards, and refuse a name to which no shard can be added', () => {
    const long = { ...env, RELAY_NAME: 'x'.repeat(39) }
    expect(readConfig({ ...env, RELAY_SHARDS: '16' })).to.include({ relayShards: 16 })
    expect(readConfig({ ...long, RELAY_SHARDS: '1' })).to.include({ relayShards: 1 })
    expect(() => readConfig({ ...long, RELAY_SHARDS: '2' })).to.throw(ConfigError, 'at most 38 characters')
    expect(() => readConfig({ ...env, RELAY_SHARDS: '17' })).to.throw(ConfigError, 'from 1 to 16')
  })

  it('name the publication by the schema, unless it is named, and refuse names that PostgreSQL would cut off', () => {
    const publicationIn = (names: Record<string, string>) =>
      namesOf(readConfig({ ...env, ...names })).publication
    expect(publicationIn({})).to.equal('outbox')
    expect(publicationIn({ OUTBOX_SCHEMA: 'messaging' })).to.equal('messaging_outbox')
    expect(publicationIn({ OUTBOX_SCHEMA: 'shop', OUTBOX_PUBLICATION: 'outbox' })).to.equal('outbox')
    const long = { OUTBOX_SCHEMA: 'x'.repeat(50) }
    expect(() => publicationIn(long)).to.throw(ConfigError, 'name one in OUTBOX_PUBLICATION')
    expect(publicationIn({ ...long, OUTBOX_PUBLICATION: 'shop' })).to.equal('shop')
    const own = { OUTBOX_SCHEMA: 'shop', RELAY_NAME: 'x'.repeat(39) }
    expect(() => publicationIn(own)).to.throw(ConfigError, 'at most 38 characters')
    expect(() => publicationIn({ ...own, RELAY_SHARDS: '2' })).to.throw(ConfigError, 'at most 31 characters')
  })

  it('refuse a name that no slot can have, and a missing database, in one go', () => {
    expect(() => readConfig({ ...env, RELAY_NAME: 'Pay-ment', DATABASE_URL: '' }))
      .to.throw(ConfigError)
      .with.property('problems')
      .with.length(2)
  })
})
