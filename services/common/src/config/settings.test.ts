import { expect } from 'chai'
import { serviceSettings } from '../service/service-settings.ts'
import { logSettings } from './process-settings.ts'
import {
  boolean,
  ConfigError,
  durationMs,
  fileOrUrl,
  hostPort,
  hostPorts,
  integer,
  oneOf,
  readSettings,
  type Setting,
  text,
  url,
} from './settings.ts'

describe('readSettings', () => {
  const read = <T>(setting: Setting<T>, value: string | undefined): unknown =>
    readSettings({ X: value }, { x: setting }).x
  const problemsOf = (
    env: Record<string, string>,
    spec: Record<string, Setting<unknown>>,
  ): readonly string[] => {
    try {
      readSettings(env, spec)
    } catch (error) {
      if (error instanceof ConfigError) return error.problems
    }
    return []
  }

  it('reads each kind of value', () => {
    expect(read(text('X'), ' a b ')).to.equal('a b')
    expect(read(integer('X', { min: 0, max: 9 }), '7')).to.equal(7)
    expect(read(boolean('X'), 'true')).to.equal(true)
    expect(read(oneOf('X', ['a', 'b']), 'b')).to.equal('b')
    expect(read(hostPort('X'), '[::1]:0')).to.equal('[::1]:0')
    expect(read(hostPorts('X'), 'a:1, b:2')).to.deep.equal(['a:1', 'b:2'])
    expect(read(url('X', { protocols: ['postgres'] }), 'postgres://a@b/c')).to.equal('postgres://a@b/c')
    expect(read(fileOrUrl('X'), import.meta.filename)).to.equal(import.meta.filename)
    expect(read(fileOrUrl('X'), 'https://a/jwks')).to.equal('https://a/jwks')
  })

  it('reads durations with and without a unit', () => {
    const setting = durationMs('X', { min: 0, max: 7_200_000 })
    const values = ['1500', '1500ms', '30s', '5m', '2h'].map((value) => read(setting, value))
    expect(values).to.deep.equal([1500, 1500, 30_000, 300_000, 7_200_000])
  })

  it('uses the default if a variable is unset or empty', () => {
    expect(read(boolean('X', { default: false }), undefined)).to.equal(false)
    expect(read(integer('X', { default: 0, min: 0, max: 1 }), '')).to.equal(0)
  })

  it('returns an object that cannot be changed', () => {
    expect(readSettings({}, logSettings)).to.be.frozen
  })

  it('names every wrong variable, its value and what it takes', () => {
    const spec = {
      pool: integer('POOL', { min: 1, max: 5, unit: 'connections' }),
      wait: durationMs('WAIT', { min: 0, max: 10 }),
      jwks: fileOrUrl('JWKS'),
      name: text('NAME'),
    }
    expect(problemsOf({ POOL: '6', WAIT: '1 week', JWKS: '/no/such/file' }, spec)).to.deep.equal([
      'POOL is "6"; it takes an integer from 1 to 5 (connections).',
      'WAIT is "1 week"; it takes a duration from 0 ms to 10 ms, such as 1500, 1500ms, 30s, 5m or 2h.',
      'JWKS is "/no/such/file"; it takes the path of a file that exists, or an http(s) URL.',
      'NAME is not set; it takes text of at most 1024 characters.',
    ])
  })

  it('refuses text that only looks like a number or an address', () => {
    const bounds = { min: 0, max: 1e9 }
    for (const value of ['1e3', '0x10', '1.0', 'NaN', '-1']) {
      expect(problemsOf({ X: value }, { x: integer('X', bounds) }), value).to.have.length(1)
    }
    for (const value of ['a', 'a:', ':1', 'a:70000', 'http://a:1', '::1:80']) {
      expect(problemsOf({ X: value }, { x: hostPort('X') }), value).to.have.length(1)
    }
  })

  it('never repeats a secret', () => {
    const problems = problemsOf(
      { DATABASE_URL: 'mysql://root:hunter2@db/x', KAFKA_BROKERS: 'a:1', AUTH_JWKS: import.meta.filename },
      serviceSettings,
    )
    expect(problems).to.deep.equal([
      'DATABASE_URL is malformed (its value is not shown); it takes a URL that begins with postgres:// or postgresql://.',
    ])
  })
})
