import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { parseMetrics, readMetrics } from './read-metrics.ts'

describe('reading metrics', () => {
  it('takes names, labels and values, and passes over what is said about them', () => {
    const text = '# HELP a_total What\n# TYPE a_total counter\na_total 3\nb{service="point",x="1"} 0.5\n'
    expect(parseMetrics(text, 'a:1')).to.deep.equal([
      { instance: 'a:1', name: 'a_total', labels: {}, value: 3 },
      { instance: 'a:1', name: 'b', labels: { service: 'point', x: '1' }, value: 0.5 },
    ])
  })

  it('asks each process that a name stands for, and leaves out who is not there', async () => {
    const processes = [await serving('a 1\n', '127.0.0.1'), await serving('a 2\n', '127.0.0.2')]
    const ports = processes.map((process) => (process.address() as AddressInfo).port)
    try {
      const targets = [`localhost:${ports[0]}`, `127.0.0.2:${ports[1]}`, 'nobody.invalid:9464', '127.0.0.3:1']
      const values = (await readMetrics(targets)).map(({ value }) => value)
      expect(values).to.deep.equal([1, 2])
    } finally {
      for (const process of processes) process.close()
    }
  })
})

async function serving(text: string, host: string): Promise<Server> {
  const server = createServer((_request, response) => response.end(text)).listen(0, host)
  await once(server, 'listening')
  return server
}
