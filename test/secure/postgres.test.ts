import { expect } from 'chai'
import { createAuthority } from '../../scripts/platform/certificates.ts'
import type { Security } from '../../scripts/platform/security.ts'
import { type Connection, openAs } from '../support/attempts.ts'
import { present } from '../support/customer.ts'
import { databasePort, queryDatabase, secureSystem, writeInto } from '../support/secure-system.ts'
import type { TestSystem } from '../support/start-test-system.ts'

describe('a secure system', function () {
  this.timeout(240_000)
  const secure = secureSystem()
  let system: TestSystem
  let security: Security
  before(() => {
    ;({ system, security } = secure())
  })

  describe('in PostgreSQL', () => {
    it('keeps a service out of the databases of others', async () => {
      expect(await query('point', 'point', 'SELECT count(*) FROM wallet')).to.equal('done')
      expect(await query('point', 'payment', 'SELECT 1')).to.match(/pg_hba\.conf/)
      expect(await query('point_relay', 'payment', 'SELECT 1')).to.match(/pg_hba\.conf/)
    })

    it('keeps a relay out of the business tables', async () => {
      expect(await query('point_relay', 'point', 'SELECT count(*) FROM outbox')).to.equal('done')
      for (const table of ['wallet', 'ledger_entry', 'inbox', 'request']) {
        expect(await query('point_relay', 'point', `SELECT * FROM ${table}`), table).to.match(
          /permission denied/,
        )
      }
    })

    it('lets no role copy the server by physical replication, and only a relay read the log', async () => {
      const roles = [...security.postgres.roles.map(({ name }) => name), 'postgres']
      for (const role of roles) {
        expect(
          await query(role, 'replication', 'IDENTIFY_SYSTEM', { config: { replication: 'true' } }),
          role,
        ).to.match(/pg_hba\.conf/)
      }
      expect(
        await query('point_relay', 'point', 'IDENTIFY_SYSTEM', { config: { replication: 'database' } }),
      ).to.equal('done')
      for (const role of ['point', 'point_owner']) {
        const answer = await query(role, 'point', 'IDENTIFY_SYSTEM', { config: { replication: 'database' } })
        expect(answer, role).to.match(/permission denied|must be .*replication/i)
      }
    })

    it('lets a role have as many connections as its processes need, and leaves the rest to others', async () => {
      const { name: role, connectionLimit } = present(
        security.postgres.roles.find(({ name }) => name === 'console_owner'),
      )
      const at = { role, port: databasePort(system), database: 'console' }
      const { opened, refusal, result } = await openAs(at, connectionLimit + 1, security, () =>
        query('payment', 'payment', 'SELECT 1'),
      )
      expect({ opened, refusal, result }).to.deep.equal({
        opened: connectionLimit,
        refusal: `too many connections for role "${role}"`,
        result: 'done',
      })
    })

    it('is not reached in plain text, nor by a client that trusts another CA', async () => {
      const stranger = await file('other.crt', (await createAuthority('stranger')).certificate)
      expect(await query('point', 'point', 'SELECT 1', { parameters: { sslmode: 'disable' } })).to.match(
        /pg_hba\.conf/,
      )
      expect(await query('point', 'point', 'SELECT 1', { parameters: { sslrootcert: stranger } })).to.match(
        /certificate/,
      )
    })
  })

  function query(
    role: string,
    database: string,
    statement: string,
    more?: Pick<Connection, 'parameters' | 'config'>,
  ): Promise<string> {
    return queryDatabase(secure(), role, database, statement, more)
  }

  const file = (name: string, text: string): Promise<string> => writeInto(system, name, text)
})
