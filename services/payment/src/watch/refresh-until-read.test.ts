import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { expect } from 'chai'
import { refreshUntilRead } from './refresh-until-read.ts'

const log = createLog({ service: 'test', level: 'silent' })

describe('reading the watched payments again', () => {
  it('goes on until the database answers, and never throws', async () => {
    let attempts = 0
    const refresh = async () => {
      attempts += 1
      if (attempts < 3) throw new Error('Connection terminated unexpectedly')
    }
    await refreshUntilRead({ refresh }, log, new AbortController().signal)
    expect(attempts).to.equal(3)
  })

  it('ends when it is not needed any more', async () => {
    const over = new AbortController()
    const refresh = async () => {
      over.abort()
      throw new Error('Connection terminated unexpectedly')
    }
    await refreshUntilRead({ refresh }, log, over.signal)
  })
})
