import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { boundAnswers } from './bound-answers.ts'

describe('the bound on answers', () => {
  let silences: number
  let bound: ReturnType<typeof boundAnswers>
  beforeEach(() => {
    silences = 0
    bound = boundAnswers(50, () => {
      silences += 1
    })
  })

  it('waits as long again for each of several that are asked for at once', async () => {
    const asked = [40, 80, 120].map((ms) => bound(sleep(ms)))
    await Promise.all(asked)
    expect(silences).to.equal(0)
  })

  it('holds for the next one too, also after one that failed', async () => {
    await bound(Promise.reject(new Error('no'))).catch(() => undefined)
    const late = bound(sleep(200))
    await late
    expect(silences).to.equal(1)
  })
})
