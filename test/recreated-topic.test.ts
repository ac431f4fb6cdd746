import { createKafka, type Kafka } from '@boxoffice/common/kafka/client.ts'
import { withAdmin } from '@boxoffice/kafka'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import type { Concert } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import { createTopicsFromManifests } from '../scripts/platform/topics.ts'
import { asAdmin } from './support/as-admin.ts'
import { type CommandLine, commandLineOf } from './support/command-line.ts'
import { type Customer, newConcert, newCustomer } from './support/customer.ts'
import { startTestSystem, type TestSystem } from './support/start-test-system.ts'
import { waitUntil } from './support/wait-until.ts'

const topics = ['point-events', 'payment-events']

describe('topics that are deleted and created again, in a running system', function () {
  this.timeout(240_000)
  let system: TestSystem
  let cli: CommandLine
  let kafka: Kafka
  let concert: Concert
  let ada: Customer

  before(async () => {
    system = await startTestSystem({
      replicas: 1,
      consoles: 1,
      env: { ASK_AGAIN_AFTER_MS: '2s', LOG_LEVEL: 'warn' },
    })
    cli = await commandLineOf(system)
    kafka = createKafka({ ...system.addresses.kafka, clientId: 'test' })
    concert = await newConcert(system, 2, 6)
    ada = await newCustomer(system, { points: 10_000n })
  })

  after(async () => {
    ada?.close()
    await system?.stop()
  })

  it('are read by no consumer until an operator decides, and every payment gets the right final state', async () => {
    const first = await ada.buy(await ada.hold(concert, ['A-1-1']))
    expect(first.status).to.equal(PaymentStatus.COMPLETED)
    await waitUntil(
      'the console shows the payment',
      async () => (await statusAtConsole(first.paymentId)) === 'COMPLETED',
    )
    await withAdmin(kafka, (admin) => admin.deleteTopics({ topics }))
    await waitUntil('the topics exist again', async () => {
      const made = await createTopicsFromManifests(system.addresses.kafka).catch((): string[] => [])
      return topics.every((topic) => made.includes(topic)) || (await exist())
    })
    await waitUntil('payment reports it', async () =>
      (await consumers()).includes('point-events was deleted'),
    )
    const doctor = await cli.run('doctor')
    expect(doctor.exitCode).to.equal(1)
    for (const consumer of ['payment', 'console'])
      expect(doctor.stdout).to.include(
        `point-events was deleted and created again: ${consumer} reads nothing of it`,
      )
    const open = await ada.checkout(await ada.hold(concert, ['A-1-2']))
    for (const [consumer, topic] of [
      ['payment', 'point-events'],
      ['console', 'point-events'],
      ['console', 'payment-events'],
    ] as const) {
      const accepted = await cli.run(
        ...['consumers', 'accept', '--consumer', consumer, '--topic', topic, '--from', 'earliest'],
      )
      expect(accepted.exitCode, accepted.stderr).to.equal(0)
    }
    expect((await ada.settled(open.paymentId)).status).to.equal(PaymentStatus.COMPLETED)
    const last = await ada.buy(await ada.hold(concert, ['A-1-3']))
    expect(last.status).to.equal(PaymentStatus.COMPLETED)
    for (const { paymentId } of [first, open, last])
      await waitUntil(
        'the console shows all payments',
        async () => (await statusAtConsole(paymentId)) === 'COMPLETED',
      )
    expect(await consumers()).not.to.include('was deleted')
  })

  const consumers = async () => (await cli.run('consumers')).stdout

  async function exist(): Promise<boolean> {
    return await withAdmin(kafka, async (admin) => {
      const all = await admin.listTopics()
      return topics.every((topic) => all.includes(topic))
    })
  }

  async function statusAtConsole(paymentId: string): Promise<string | undefined> {
    const select = 'SELECT status FROM payment WHERE payment_id = $1'
    const { rows } = await asAdmin(system, (admin) => admin.query(select, [paymentId]), 'console')
    return rows[0]?.status
  }
})
