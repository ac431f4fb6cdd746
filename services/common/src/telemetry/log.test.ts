import { Writable } from 'node:stream'
import { expect } from 'chai'
import { pino } from 'pino'
import { logOptions } from './log.ts'

describe('the log', () => {
  const written = (...parameters: [object, string]): Record<string, unknown> => {
    let line = ''
    const sink = new Writable({
      write(chunk, _encoding, done) {
        line += chunk
        done()
      },
    })
    pino(logOptions({ service: 'payment', level: 'info' }), sink).info(...parameters)
    return JSON.parse(line)
  }

  it('writes the service, the level by name and the time as ISO 8601', () => {
    const line = written({ paymentId: 'p1' }, 'hello')
    expect(line).to.include({ service: 'payment', level: 'info', msg: 'hello', paymentId: 'p1' })
    expect(new Date(String(line.time)).toISOString()).to.equal(line.time)
  })

  it('hides tokens and payloads at any depth', () => {
    const line = JSON.stringify(
      written({ token: 's3cret', call: { authorization: 's3cret', message: { payload: 's3cret' } } }, 'x'),
    )
    expect(line).to.not.include('s3cret')
  })
})
