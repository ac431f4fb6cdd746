import { expect } from 'chai'
import { readOptions } from './options.ts'
import { Refusal } from './refusal.ts'

describe('the options of npm start', () => {
  it('are plain text and the data of the last start by default', () => {
    expect(readOptions([], {})).to.include({ secure: false, fresh: false, demo: true })
    expect(readOptions(['--secure'], {})).to.include({ secure: true })
  })

  it('allow a secure system only with its own servers', () => {
    for (const env of [{ KAFKA_BROKERS: 'a:1' }, { DATABASE_URL: 'postgres://a:b@c/d' }]) {
      expect(() => readOptions(['--secure'], env)).to.throw(Refusal, '--secure makes its own servers')
    }
  })
})
