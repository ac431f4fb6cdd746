import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { until } from '@boxoffice/common/testing/consumer-fixture.ts'
import { expect } from 'chai'
import { type MetricsWatch, watchMetrics } from './watch-metrics.ts'

describe('following metrics', () => {
  const processes: Server[] = []
  let watch: MetricsWatch | undefined
  afterEach(async () => {
    await watch?.stop()
    for (const process of processes.splice(0)) process.close()
  })

  it('asks each process that a name resolves to, and skips those that are not there', async () => {
    const [first, second] = [await serving('127.0.0.1', () => 1), await serving('127.0.0.2', () => 2)]
    const local = `localhost:${first.split(':')[1]}`
    watch = watchMetrics([local, second, 'nobody.invalid:9464', '127.0.0.3:1'], () => 20)
    await until('both', () => values().length === 2)
    expect(values()).to.deep.equal([1, 2])
  })

  it('returns the last samples of each process, and none of a process that does not answer', async () => {
    let count = 0
    const [first, second] = [
      await serving('127.0.0.1', () => ++count),
      await serving('127.0.0.1', () => 1_000),
    ]
    watch = watchMetrics([first, second], () => 20)
    await until('the third time', () => (values()[0] ?? 0) >= 3)
    expect(values()[1]).to.equal(1_000)
    processes.pop()?.close()
    await until('one of them', () => values().length === 1)
  })

  it('forgets a process that its name no longer resolves to', async () => {
    const here = [await serving('127.0.0.1', () => 1), await serving('127.0.0.1', () => 2)]
    watch = watchMetrics(
      ['a name'],
      () => 20,
      async () => [...here],
    )
    await until('both', () => values().length === 2)
    here.pop()
    await until('one of them', () => values().length === 1)
    expect(values()).to.deep.equal([1])
  })

  it('asks one process after the other, spread over the time of a round', async () => {
    const asked: string[] = []
    const asking = (name: string) => serving('127.0.0.1', () => asked.push(name))
    watch = watchMetrics([await asking('a'), await asking('b')], () => 60_000)
    await until('the first round', () => asked.length === 2)
    expect(asked).to.deep.equal(['a', 'b'])
  })

  const values = (): number[] => watch?.samples().map(({ value }) => value) ?? []

  /** A process with one metric; returns its address. */
  async function serving(host: string, value: () => number): Promise<string> {
    const server = createServer((_request, response) =>
      response.writeHead(200, { connection: 'close' }).end(`a ${value()}\n`),
    ).listen(0, host)
    await once(server, 'listening')
    processes.push(server)
    return `${host}:${(server.address() as AddressInfo).port}`
  }
})
