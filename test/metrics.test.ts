import { observeCertificates } from '@boxoffice/common/telemetry/certificate-metrics.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { expect } from 'chai'
import { createOperatorMetrics } from '../services/operator/src/metrics.ts'
import { newConcert, newCustomer } from './support/customer.ts'
import { documentedMetrics, type Metric } from './support/documented-metrics.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'
import { waitUntil } from './support/wait-until.ts'

/** The metrics of Node that prom-client adds by itself. */
const nodeMetrics = /^(nodejs|process)_/

describe('metrics', function () {
  this.timeout(120_000)
  let system: TestSystem
  let documented: Awaited<ReturnType<typeof documentedMetrics>>
  before(async () => {
    system = await sharedSystem()
    documented = await documentedMetrics()
    const ada = await newCustomer(system, { points: 1_000n })
    const payment = await ada.buy(await ada.hold(await newConcert(system), ['A-1-1']))
    expect(payment.status).to.equal(PaymentStatus.COMPLETED)
    ada.close()
  })

  /**
   * Compares both ways: every served metric is in the table, and every metric of these owners in the table is served.
   */
  const expectAsDocumented = (text: string, ...owners: readonly string[]): void => {
    const served = readServed(text)
    for (const [name, { type, labels }] of served) {
      const row = documented.get(name)
      if (row === undefined && nodeMetrics.test(name)) continue
      expect(row?.type, name).to.equal(type)
      expect(owners, name).to.include(row?.owner)
      if (labels.length > 0) expect(row?.labels, name).to.have.members(labels)
    }
    const expected = [...documented].flatMap(([name, row]) => (owners.includes(row.owner) ? name : []))
    expect([...served.keys()]).to.include.members(expected)
  }

  it('of the services are those that docs/metrics.md lists', async () => {
    const { payment, point, reservation } = system.addresses.services
    for (const address of payment.metrics) {
      expectAsDocumented(await scrape(address), 'every', 'service', 'payment')
    }
    for (const address of [...point.metrics, ...reservation.metrics]) {
      expectAsDocumented(await scrape(address), 'every', 'service')
    }
  })

  it('of the console are those that docs/metrics.md lists', async () => {
    for (const { page, metrics } of system.addresses.console) {
      await fetch(new URL('/api/session', page))
      expectAsDocumented(await scrape(metrics), 'every', 'service', 'console')
    }
  })

  it('of the relays are those that docs/metrics.md lists', async () => {
    for (const { metrics } of Object.values(system.addresses.relays)) {
      for (const address of metrics) expectAsDocumented(await scrape(address), 'every', 'relay')
    }
  })

  it('of the operator are those that docs/metrics.md lists', async () => {
    const metrics = createMetrics('operator')
    const operator = createOperatorMetrics(metrics)
    observeCertificates(metrics, {})
    operator.apiAnswers.inc({ method: 'GET', code: '200' })
    operator.reconciled.inc({ kind: 'group', result: 'ok' })
    expectAsDocumented(await metrics.registry.metrics(), 'every', 'operator')
  })

  it('show how long payments took, and that no payment is in flight and no consumer lags at the end', async () => {
    const { payment, point } = system.addresses.services
    const sum = async (addresses: readonly string[], pattern: RegExp): Promise<number> => {
      const texts = await Promise.all(addresses.map(scrape))
      const values = texts.flatMap((text) => text.split('\n').filter((line) => pattern.test(line)))
      expect(values, String(pattern)).to.not.deep.equal([])
      return values.reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0)
    }
    expect(
      await sum(payment.metrics, /^boxoffice_payment_duration_seconds_count\{.*outcome="COMPLETED"/),
    ).to.be.at.least(1)
    expect(await sum(point.metrics, /^boxoffice_consumer_messages_handled_total/)).to.be.at.least(1)
    const relays = Object.values(system.addresses.relays).flatMap(({ metrics }) => metrics)
    for (const [name, processes] of Object.entries({
      boxoffice_checkout_accept_seconds: payment.metrics,
      outbox_relay_wait_seconds: relays,
      boxoffice_consumer_delivery_seconds: point.metrics,
      boxoffice_consumer_wait_seconds: point.metrics,
    })) {
      const count = await sum(processes, new RegExp(`^${name}_count`))
      const mean = (await sum(processes, new RegExp(`^${name}_sum`))) / count
      expect(mean, `mean seconds of ${name}`).to.be.within(0.000_01, 60)
    }
    // These metrics are updated every ten seconds.
    await waitUntil('rest', async () => {
      const inFlight = await sum(payment.metrics, /^boxoffice_payments_in_flight/)
      const lag = await sum(
        [...payment.metrics, ...point.metrics],
        /^boxoffice_consumer_lag_(records|seconds)/,
      )
      return inFlight + lag === 0
    })
  })
})

async function scrape(address: string): Promise<string> {
  return await (await fetch(`http://${address}/metrics`)).text()
}

/** Names and types from the `# TYPE` lines, and the labels of the samples, if there are any. */
function readServed(text: string): Map<string, Metric> {
  const labelsOf = new Map<string, Set<string>>()
  for (const [, name = '', list = ''] of text.matchAll(/^(\w+)\{(.*)\} /gm)) {
    const labels = [...list.matchAll(/(\w+)="/g)].map(([, label = '']) => label)
    const base = name.replace(/_(bucket|sum|count)$/, '')
    for (const key of new Set([name, base])) {
      const all = labelsOf.get(key) ?? new Set()
      labelsOf.set(key, all)
      for (const label of labels) if (label !== 'service' && label !== 'le') all.add(label)
    }
  }
  return new Map(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => [
      name,
      { type, labels: [...(labelsOf.get(name) ?? [])] },
    ]),
  )
}
