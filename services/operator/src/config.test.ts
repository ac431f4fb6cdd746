import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { readConfig } from './config.ts'

describe("the operator's settings", () => {
  let dir: string
  let env: Record<string, string>
  before(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'operator-config-'))
    writeFileSync(path.join(dir, 'token'), 'a.b.c')
    env = {
      KAFKA_BROKERS: 'kafka:9092',
      KUBERNETES_SERVICE_HOST: '10.96.0.1',
      KUBERNETES_SERVICE_PORT: '443',
      SERVICES: 'payment=dns:///payment:50051, point=127.0.0.1:7002',
      TOKEN_FILE: path.join(dir, 'token'),
    }
  })
  after(() => rmSync(dir, { recursive: true }))

  it('name the services by group', () => {
    expect([...readConfig(env).services]).to.deep.equal([
      ['payment', 'dns:///payment:50051'],
      ['point', '127.0.0.1:7002'],
    ])
  })

  it('are refused with their names if they are wrong', () => {
    for (const SERVICES of ['payment', 'payment=host', 'a=b:1,a=c:2', '=b:1', 'a=http://b:1']) {
      expect(() => readConfig({ ...env, SERVICES }), SERVICES).to.throw('SERVICES')
    }
    expect(() => readConfig({ ...env, IGNORED_GROUPS: '(' })).to.throw('IGNORED_GROUPS')
    expect(() => readConfig({ ...env, REPLAY_NAMESPACES: 'some' })).to.throw('REPLAY_NAMESPACES')
    expect(() => readConfig({ ...env, KUBERNETES_SERVICE_PORT: '' })).to.throw('KUBERNETES_SERVICE_PORT')
  })

  it('leave out the groups that come and go with a process', () => {
    const { ignoredGroups } = readConfig(env)
    expect(ignoredGroups.test('payment-tail-0b0f1ce0-0000-4000-8000-000000000001')).to.equal(true)
    expect(ignoredGroups.test('read-ranges-1')).to.equal(true)
    for (const group of ['payment', 'cat-tail-reports']) expect(ignoredGroups.test(group)).to.equal(false)
  })
})
