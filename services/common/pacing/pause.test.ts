import { expect } from 'chai'
import { pause } from './pause.ts'

describe('a pause', () => {
  it('lasts as long as it is to last', async () => {
    const from = performance.now()
    await pause(30, new AbortController().signal)
    expect(performance.now() - from).to.be.at.least(29)
  })

  it('ends with its signal, also with one that was aborted before', async () => {
    const stopping = new AbortController()
    const pausing = pause(60_000, stopping.signal)
    stopping.abort(new Error('stopped'))
    await pausing
    await pause(60_000, stopping.signal)
  })
})
