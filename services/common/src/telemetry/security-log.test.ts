import { Writable } from 'node:stream'
import { expect } from 'chai'
import { pino } from 'pino'
import { logOptions } from './log.ts'
import { createSecurityLog, type SecurityEvent } from './security-log.ts'

const refused: SecurityEvent = {
  kind: 'unauthenticated',
  subject: '',
  peer: '127.0.0.1:4711',
  method: 'boxoffice.point.v1.PointService/GetBalance',
  outcome: 'UNAUTHENTICATED',
}

describe('the security log', () => {
  let lines: Record<string, unknown>[]
  let omission: PromiseWithResolvers<Record<string, unknown>>
  const createAt = (level: string) => {
    lines = []
    omission = Promise.withResolvers()
    const sink = new Writable({
      write(chunk, _encoding, done) {
        const line = JSON.parse(String(chunk))
        lines.push(line)
        if ('omitted' in line) omission.resolve(line)
        done()
      },
    })
    return createSecurityLog(pino(logOptions({ service: 'test', level }), sink))
  }

  it('is written whatever the level of the log is', () => {
    createAt('fatal').record(refused)
    expect(lines).to.have.lengthOf(1)
    expect(lines[0]).to.include({ ...refused, log: 'security', service: 'test' })
  })

  it('keeps the beginning of a flood, its size, and all events of other kinds', async () => {
    const security = createAt('info')
    for (let nth = 0; nth < 10_000; nth += 1) security.record(refused)
    security.record({ ...refused, kind: 'change', subject: 'olga', outcome: 'OK' })
    const kept = lines.filter(({ kind }) => kind === 'unauthenticated').length
    expect(kept).to.be.within(50, 100)
    expect(lines.filter(({ kind }) => kind === 'change')).to.have.lengthOf(1)
    expect(await omission.promise).to.include({ kind: 'unauthenticated', omitted: 10_000 - kept })
  })
})
