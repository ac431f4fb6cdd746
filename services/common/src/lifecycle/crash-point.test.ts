import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect } from 'chai'
import { ConfigError, readSettings } from '../config/settings.ts'
import { crashSettings } from './crash-point.ts'

describe('a crash point', () => {
  const file = path.join(import.meta.dirname, 'crash-point.ts')
  const reachThrice = (plan: string) =>
    spawnSync(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { armCrashPoint, crashPoint } from ${JSON.stringify(file)}
       armCrashPoint(${plan})
       for (let nth = 1; nth <= 3; nth++) {
         crashPoint('produce:before')
         console.log(nth)
       }`,
    ])

  it('kills the process when it is reached for the given time', () => {
    const { signal, stdout } = reachThrice(`{ point: 'produce:before', nth: 2 }`)
    expect({ signal, stdout: String(stdout) }).to.deep.equal({ signal: 'SIGKILL', stdout: '1\n' })
  })

  it('does nothing when another crash point, or none, is armed', () => {
    for (const plan of [`{ point: 'produce:after', nth: 1 }`, 'null']) {
      expect(reachThrice(plan).status).to.equal(0)
    }
  })

  it('is armed by CRASH_AT, and a wrong name stops the start', () => {
    const read = (value: string) => readSettings({ CRASH_AT: value }, crashSettings).crashAt
    expect(read('')).to.equal(null)
    expect(read('delete:after:3')).to.deep.equal({ point: 'delete:after', nth: 3 })
    for (const wrong of ['delete:after', 'delete:3', 'commit:before:0']) {
      expect(() => read(wrong)).to.throw(ConfigError, 'CRASH_AT')
    }
  })
})
