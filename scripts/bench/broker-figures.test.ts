import { expect } from 'chai'
import { brokerFigures } from './broker-figures.ts'

describe('the figures of brokers', () => {
  const before = { requests: { Produce: 10, FetchFollower: 100 }, appends: 30, records: 60 }

  it('are the counts between two readings, per second, per append and per request', () => {
    const after = {
      requests: { Produce: 20, FetchFollower: 140, FetchConsumer: 50 },
      appends: 66,
      records: 204,
    }
    expect(brokerFigures(before, after, { seconds: 2, cpuSeconds: 0.2 })).to.deep.equal({
      requestsPerSecond: { Produce: 5, FetchFollower: 20, FetchConsumer: 25 },
      recordsPerAppend: 4,
      partitionsPerProduce: 3.6,
      cpuMsPerRequest: 2,
    })
  })

  it('are 0 without requests', () => {
    expect(brokerFigures(before, before, { seconds: 2, cpuSeconds: 0.2 })).to.deep.equal({
      requestsPerSecond: {},
      recordsPerAppend: 0,
      partitionsPerProduce: 0,
      cpuMsPerRequest: 0,
    })
  })
})
