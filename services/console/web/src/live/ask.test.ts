import { expect } from 'chai'
import { ask } from './ask.ts'

describe('asking for the data of a screen', () => {
  it('gets each answer, even if it is called again before the first answer is there', async () => {
    const { asking, requests, answers } = begin()
    for (let event = 0; event < 5; event++) asking.again()
    requests[0]?.resolve('first')
    await until(() => requests.length === 2)
    requests[1]?.resolve('second')
    await until(() => answers.length === 2)
    expect(answers).to.deep.equal(['first', 'second'])
    expect(requests.map(({ signal }) => signal.aborted)).to.deep.equal([false, false])
  })

  it('sends no further request until it is called again', async () => {
    const { asking, requests, answers } = begin()
    requests[0]?.resolve('first')
    await until(() => answers.length === 1)
    expect(requests).to.have.lengthOf(1)
    asking.again()
    expect(requests).to.have.lengthOf(2)
  })

  it('skips a tick while an answer is on its way', async () => {
    const { asking, requests, answers } = begin()
    asking.tick()
    requests[0]?.resolve('first')
    await until(() => answers.length === 1)
    expect(requests).to.have.lengthOf(1)
    asking.tick()
    expect(requests).to.have.lengthOf(2)
  })

  it('reports why there is no answer, and still asks again', async () => {
    const { asking, requests, answers } = begin()
    asking.again()
    requests[0]?.reject(new Error('no'))
    await until(() => requests.length === 2)
    requests[1]?.resolve('second')
    await until(() => answers.length === 2)
    expect(answers).to.deep.equal(['Error: no', 'second'])
  })

  it('aborts its request when it is stopped, and neither answers nor asks again', async () => {
    const { asking, requests, answers } = begin()
    asking.again()
    asking.stop()
    expect(requests[0]?.signal.aborted).to.equal(true)
    requests[0]?.reject(new Error('aborted'))
    await requests[0]?.promise.catch(() => undefined)
    await Promise.resolve()
    asking.again()
    asking.tick()
    expect([requests.length, answers]).to.deep.equal([1, []])
  })
})

function begin() {
  const requests: (PromiseWithResolvers<string> & { signal: AbortSignal })[] = []
  const answers: string[] = []
  const asking = ask<string>({
    get(signal) {
      const request = { ...Promise.withResolvers<string>(), signal }
      requests.push(request)
      return request.promise
    },
    onAnswer: (answer) => answers.push(answer),
    onError: (error) => answers.push(String(error)),
  })
  return { asking, requests, answers }
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn > 100) throw new Error('not in time')
    await Promise.resolve()
  }
}
