import { expect } from 'chai'
import { keepRequestIds, type Send } from './keep-request-ids.ts'

describe('the request id of a change', () => {
  let asked: string[]
  let answers: (number | undefined)[]
  let send: Send
  beforeEach(() => {
    asked = []
    answers = []
    send = keepRequestIds(async <Answer>(path: string, body: object = {}): Promise<Answer> => {
      asked.push((body as { requestId: string }).requestId)
      const status = answers.shift()
      if (status !== undefined) throw Object.assign(new Error(path), { status })
      return { done: body } as Answer
    })
  })

  it('is sent with the change, and the answer is returned', async () => {
    const answer = await send<{ done: object }>('/api/wallet/charges', { amount: '5' })
    expect(answer.done).to.deep.equal({ requestId: asked[0], amount: '5' })
  })

  it('is new for each change after an answer', async () => {
    await send('/a', { amount: '5' })
    await send('/a', { amount: '5' })
    expect(new Set(asked)).to.have.lengthOf(2)
  })

  it('stays the same after every lost answer', async () => {
    // Not reached, a server that failed, a token that has expired since, too many requests.
    answers = [0, 503, 504, 401, 429]
    for (let tries = 1; tries <= 6; tries++) await send('/a', { amount: '5' }).catch(() => undefined)
    expect(new Set(asked)).to.have.lengthOf(1)
    await send('/a', { amount: '5' })
    expect(asked[6]).not.to.equal(asked[0])
  })

  it('ends with a refusal', async () => {
    answers = [409]
    await send('/a').catch(() => undefined)
    await send('/a')
    expect(asked[1]).not.to.equal(asked[0])
  })

  it('is another one for another change, and the first one is kept', async () => {
    answers = [0, 0]
    await send('/a', { amount: '5' }).catch(() => undefined)
    await send('/a', { amount: '6' }).catch(() => undefined)
    await send('/a', { amount: '5' })
    expect(asked[1]).not.to.equal(asked[0])
    expect(asked[2]).to.equal(asked[0])
  })

  it('is the same for two clicks at once', async () => {
    await Promise.all([send('/a'), send('/a')])
    expect(asked[1]).to.equal(asked[0])
  })
})
