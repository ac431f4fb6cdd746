import { writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import { setKafkaPassword } from '../../scripts/platform/kafka/set-password.ts'
import type { Security } from '../../scripts/platform/security.ts'
import { expectBalancedBooks } from '../support/books.ts'
import { present } from '../support/customer.ts'
import { buyTicket, queryDatabase, randomPassword, secureSystem } from '../support/secure-system.ts'
import { expectNoSecretShown } from '../support/shown-secrets.ts'
import type { TestSystem } from '../support/start-test-system.ts'

describe('a secure system', function () {
  this.timeout(240_000)
  const secure = secureSystem()
  let system: TestSystem
  let security: Security
  before(() => {
    ;({ system, security } = secure())
  })

  it('shows no secret to other users: in no arguments, environment or file that they can read', async () => {
    await expectNoSecretShown(system, secure().watch.seen)
  })

  describe('when passwords are rotated', () => {
    it('goes on, also while the files still hold the old ones', async () => {
      const users = ['payment', 'point', 'relay-payment', 'relay-point']
      const roles = ['payment', 'point', 'payment_relay', 'point_relay']
      const passwords = new Map([...users, ...roles].map((name) => [name, randomPassword()]))
      const brokers = [...system.processes.values()].filter(({ name }) => name.startsWith('kafka-'))
      for (const user of users) {
        await setKafkaPassword(
          user,
          present(passwords.get(user)),
          system.addresses.kafka.brokers,
          security.kafka,
        )
      }
      for (const role of roles) {
        await admin(`ALTER ROLE ${role} PASSWORD '${present(passwords.get(role))}'`)
      }
      // For a while the files hold the old passwords, as on Kubernetes: new connections are refused and tried again.
      await admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY ('{${roles}}')`)
      await present(brokers[0]).restart()
      for (const user of users)
        await writeFile(security.kafka.passwordFileOf(user), present(passwords.get(user)))
      for (const role of roles)
        await writeFile(security.postgres.passwordFileOf(role), present(passwords.get(role)))
      for (const broker of brokers.slice(1)) await broker.restart()
      await buyTicket(system)
      await expectBalancedBooks(system)
    })
  })

  async function admin(statement: string): Promise<void> {
    expect(await queryDatabase(secure(), 'postgres', 'postgres', statement)).to.equal('done')
  }
})
