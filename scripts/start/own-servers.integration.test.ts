import path from 'node:path'
import { textOf } from '@boxoffice/common/doctor/finding.ts'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import { expect } from 'chai'
import pg from 'pg'
import { freePorts } from '../platform/ports.ts'
import { type PostgresServer, startPostgres } from '../platform/postgres.ts'
import { type TemporaryFolder, temporaryFolder } from '../platform/temporary-folder.ts'
import { examineOwnPostgres } from './own-servers.ts'

describe("The examination of the user's own PostgreSQL server", () => {
  let folder: TemporaryFolder
  let server: PostgresServer
  let started = 0

  before(async () => {
    folder = await temporaryFolder()
  })
  beforeEach(() => start({}))
  afterEach(() => server.stop())
  after(() => folder.remove())

  it('has no problem if the server is as needed', async () => {
    expect(await examined()).to.match(/^fine PostgreSQL \d+(\.\d+)?.* is as needed\.$/)
  })

  it('names the settings if the log is not logical, or slots or senders are missing', async () => {
    await server.stop()
    await start({ wal_level: 'replica', max_replication_slots: '2', max_wal_senders: '1' })
    const text = await examined()
    expect(text).to.match(/^problem PostgreSQL has wal_level=replica\./m)
    expect(text).to.match(/^problem PostgreSQL has 2 replication slots for the relays/m)
    expect(text).to.match(/^problem PostgreSQL has 1 wal senders for the relays/m)
  })

  it('reports if acknowledged data may be lost, if the server is read-only, and if connections are few', async () => {
    await server.stop()
    await start({ fsync: 'off', full_page_writes: 'off', max_connections: '20', max_wal_senders: '10' })
    const text = await examined()
    expect(text).to.match(/^problem PostgreSQL has fsync=off\./m)
    expect(text).to.match(/^problem PostgreSQL has full_page_writes=off\./m)
    expect(text).to.match(/^warning PostgreSQL has \d+ connections free\./m)
    await run('ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()')
    expect(await examined()).to.match(/^problem PostgreSQL has default_transaction_read_only=on\./m)
    await run('ALTER SYSTEM RESET default_transaction_read_only', 'SELECT pg_reload_conf()')
  })

  it('counts the connections of a running system as free, and those of others as taken', async () => {
    await server.stop()
    await start({ max_connections: '60', max_wal_senders: '10' })
    const ours = ['payment', 'point', 'reservation', 'console', 'outbox-relay-point']
    await withSessions([...ours, ...ours], async () => {
      expect(await examined()).not.to.include('connections free')
    })
    await withSessions(Array(10).fill('other'), async () => {
      expect(await examined()).to.match(/^warning PostgreSQL has 4\d connections free\./m)
    })
  })

  it('reports a user who is no superuser', async () => {
    await run("CREATE ROLE lesser LOGIN PASSWORD 'lesser'")
    expect(await examined({ username: 'lesser', password: 'lesser' })).to.match(
      /^problem The user lesser of DATABASE_URL is no superuser\./m,
    )
  })

  it('reports why a connection is refused, each with advice', async () => {
    expect(await examined({ password: 'wrong' })).to.match(
      /password authentication failed.* Correct the password/,
    )
    expect(await examined({ password: '' })).to.match(/cannot be used \(.+\)\. .* Correct the password/)
    expect(await examined({ pathname: '/nothing' })).to.match(
      /"nothing" does not exist\)\..* such as \/postgres\.$/,
    )
    expect(await examined({ search: '?sslmode=require' })).to.match(/SSL.* agree on TLS\. Correct sslmode/)
    expect(await examined({ port: '1' })).to.match(/ECONNREFUSED.* Start it or correct DATABASE_URL/)
    expect(await examined({ hostname: 'nothing.invalid' })).to.match(/nothing\.invalid.* Start it or correct/)
  })

  async function start(settings: Readonly<Record<string, string>>): Promise<void> {
    const [port = 0] = await freePorts(1)
    const dataDir = path.join(folder.dir, 'data')
    started += 1
    const logDir = path.join(folder.dir, `logs-${started}`)
    server = await startPostgres({ dataDir, logDir, port, disposable: true, settings })
  }

  async function examined(changes: Partial<URL> = {}): Promise<string> {
    const url = Object.assign(new URL(server.adminUrl), changes)
    const findings = await examineOwnPostgres(url.href)
    return findings.map((finding) => `${finding.severity} ${textOf(finding)}`).join('\n')
  }

  async function withSessions(names: readonly string[], look: () => Promise<void>): Promise<void> {
    const clients = names.map(
      (name) => new (clientOf({ url: server.adminUrl }, pg.Client))({ application_name: name }),
    )
    try {
      for (const client of clients) await client.connect()
      await look()
    } finally {
      await Promise.all(clients.map((client) => client.end()))
    }
  }

  async function run(...statements: readonly string[]): Promise<void> {
    const client = new (clientOf({ url: server.adminUrl }, pg.Client))()
    await client.connect()
    try {
      for (const statement of statements) await client.query(statement)
    } finally {
      await client.end()
    }
  }
})
