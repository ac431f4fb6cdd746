import { expect } from 'chai'
import { defaultPortBase, fixedPorts, freePortLayout, namedPorts, replicasMax } from './port-layout.ts'

describe('the ports of a local system', () => {
  it('are the documented ones by default', () => {
    expect(fixedPorts(defaultPortBase, 1)).to.deep.equal({
      grpc: { payment: [7001], point: [7002], reservation: [7003] },
      metrics: { payment: [7101], point: [7102], reservation: [7103] },
      relayMetrics: { payment: [7111], point: [7112], reservation: [7113] },
      console: [{ http: 7080, grpc: 7084, metrics: 7180 }],
      kafka: [7092, 7093, 7094],
      controllers: [7095, 7096, 7097],
      postgres: 7432,
    })
  })

  it('are all different, for any number of replicas', async () => {
    for (let replicas = 1; replicas <= replicasMax; replicas++) {
      for (const layout of [fixedPorts(defaultPortBase, replicas), await freePortLayout(replicas)]) {
        const ports = namedPorts(layout).map(({ port }) => port)
        expect(ports).to.have.lengthOf(9 * replicas + 10)
        expect(new Set(ports).size, `${replicas} replicas`).to.equal(ports.length)
      }
    }
  })
})
