import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { expectBalancedBooks } from './support/books.ts'
import { present } from './support/customer.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'
import { failuresOf, trafficDuring } from './support/traffic.ts'

const victims = ['payment', 'point', 'reservation', 'relay-payment', 'relay-point', 'relay-reservation']

describe('under traffic', function () {
  this.timeout(240_000)
  let system: TestSystem
  before(async () => {
    system = await sharedSystem()
  })
  afterEach(() => expectBalancedBooks(system, 90_000))

  for (const name of victims) {
    it(`${name} is killed and started again, and every checkout completes once`, async () => {
      const payments = await trafficDuring(system, () => killAndRestart(name))
      expect(failuresOf(payments)).to.deep.equal([])
    })
  }

  it('both replicas and relays of payment are killed at once, and every checkout completes once', async () => {
    const names = ['payment', 'payment-2', 'relay-payment', 'relay-payment-2']
    const payments = await trafficDuring(system, () => Promise.all(names.map(killAndRestart)))
    expect(failuresOf(payments)).to.deep.equal([])
  })

  it('a broker is killed and started again, and no message is lost', async () => {
    const payments = await trafficDuring(system, () => killAndRestart('kafka-2'), { checkoutsMin: 80 })
    expect(failuresOf(payments)).to.deep.equal([])
  })

  for (const name of ['payment', 'point', 'reservation']) {
    it(`${name} is paused until its partitions have moved, resumes, and changes nothing twice`, async () => {
      const payments = await trafficDuring(system, async () => {
        const replica = present(system.processes.get(name))
        replica.kill('SIGSTOP')
        // Longer than the group's session: the other replica takes the partitions over.
        await sleep(pauseMs)
        replica.kill('SIGCONT')
      })
      expect(failuresOf(payments)).to.deep.equal([])
    })
  }

  async function killAndRestart(name: string): Promise<void> {
    const process = present(system.processes.get(name))
    await sleep(500)
    process.kill('SIGKILL')
    await process.exited()
    await sleep(500)
    await process.start()
  }
})

const pauseMs = 12_000
