import dns from 'node:dns'
import { setTimeout as sleep } from 'node:timers/promises'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { expect } from 'chai'
import { createTestAuth, type TestAuth } from '../testing/auth.ts'
import { startTestServer, type TestServer } from '../testing/grpc.ts'
import { createClient } from './client.ts'
import { implement } from './server.ts'

const paymentId = '5a0c7b5e-8b7b-4a53-9c3a-0d2f5b6f3a10'
const name = 'replicas.invalid'
/** A replica serves on for this long after it is asked to stop. The chart's grace period is longer. */
const graceMs = 2_500

describe('a client of a name that resolves to several replicas', function () {
  this.timeout(30_000)
  const { lookup } = dns.promises
  const replicas = new Map<string, TestServer>()
  let named: readonly string[]
  let auth: TestAuth
  let port: number | undefined
  before(async () => {
    auth = await createTestAuth()
    const known = async (asked: string, options: object) =>
      asked === name ? named.map((address) => ({ address, family: 4 })) : await lookup(asked, options)
    dns.promises.lookup = known as typeof lookup
  })
  after(async () => {
    dns.promises.lookup = lookup
    await Promise.all([...replicas.values()].map((replica) => replica.stop(0)))
    auth.dispose()
  })

  it('loses no call while they are replaced, twice in a row', async () => {
    named = [await start(1), await start(2)]
    const client = createClient(CheckoutService, `dns:///${name}:${port}`, {
      token: () => auth.token('alice'),
    })
    let over = false
    let answered = 0
    const calling = (async () => {
      for (; !over; answered++) {
        await client.getPayment({ paymentId })
        await sleep(5)
      }
    })()
    // Each time the new replica is there first, and the name leaves out the old one before it stops.
    for (const [goes, comes] of [
      [1, 3],
      [2, 4],
      [3, 5],
      [4, 6],
    ] as const) {
      named = [...named, await start(comes)].filter((address) => address !== addressOf(goes))
      await Promise.race([sleep(graceMs), calling])
      await replicas.get(addressOf(goes))?.stop(1_000)
    }
    over = true
    await calling
    client.close()
    expect(answered).to.be.greaterThan(500)
  })

  /** Starts a replica on an address of its own and on the port of all replicas; returns the address. */
  async function start(nth: number): Promise<string> {
    const service = implement(CheckoutService, {
      checkout: async () => ({}),
      getPayment: async () => ({ payment: { paymentId } }),
      listPayments: async () => ({}),
      async *watchPayment() {},
      cancelPayment: async () => ({}),
    })
    const address = addressOf(nth)
    const server = await startTestServer([service], auth, { address: `${address}:${port ?? 0}` })
    port ??= Number(server.address.split(':').at(-1))
    replicas.set(address, server)
    return address
  }
})

function addressOf(nth: number): string {
  return `127.0.0.${nth}`
}
