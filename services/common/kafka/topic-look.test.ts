import { expect } from 'chai'
import { shareLooks, type TopicLook } from './topic-look.ts'

describe('looks at topics', () => {
  const nothing: TopicLook = { ids: new Map(), ranges: new Map() }
  let looks: number

  beforeEach(() => {
    looks = 0
  })

  const count = async (): Promise<TopicLook> => {
    looks += 1
    return nothing
  }

  it('are shared by all that look at about the same time', async () => {
    const look = shareLooks(count, 60_000)
    await Promise.all([look(), look()])
    await look()
    expect(looks).to.equal(1)
  })

  it('are made again once they are old', async () => {
    const look = shareLooks(count, 0)
    await look()
    await look()
    expect(looks).to.equal(2)
  })

  it('are made again after one that failed, for each that shared it', async () => {
    const look = shareLooks(async () => {
      if ((await count()) && looks === 1) throw new Error('Kafka is away')
      return nothing
    }, 60_000)
    const first = await Promise.allSettled([look(), look()])
    expect(first.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected'])
    await look()
    expect(looks).to.equal(2)
  })
})
