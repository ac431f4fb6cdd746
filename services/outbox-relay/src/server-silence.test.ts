import { expect } from 'chai'
import { ServerSilence } from './server-silence.ts'

describe('ServerSilence', () => {
  const looks = (silence: ServerSilence, times: readonly number[]): string[] =>
    times.map((nowMs) => silence.look(nowMs))

  it('asks a quiet server, and gives up one that leaves all questions unanswered', () => {
    const silence = new ServerSilence({ quietMs: 2_000, questionsMax: 3 }, 0)
    expect(looks(silence, [1_000, 2_000, 3_000, 4_000, 5_000])).to.deep.equal([
      'fine',
      'ask',
      'ask',
      'ask',
      'dead',
    ])
    expect(silence.silentMs(5_000)).to.equal(5_000)
  })

  it('is content with any answer, however often it has to ask', () => {
    const silence = new ServerSilence({ quietMs: 2_000, questionsMax: 3 }, 0)
    for (let nowMs = 0; nowMs < 600_000; nowMs += 1_000) {
      const found = silence.look(nowMs)
      expect(found).to.not.equal('dead')
      if (found === 'ask') silence.heard(nowMs + 5)
    }
  })

  it('asks first also after a pause that was longer than any bound', () => {
    const silence = new ServerSilence({ quietMs: 2_000, questionsMax: 3 }, 0)
    expect(looks(silence, [1_000, 900_000])).to.deep.equal(['fine', 'ask'])
  })
})
