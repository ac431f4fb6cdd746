import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'
import { databaseUrlAs, type PostgresSecurity, readPassword } from './security.ts'

/**
 * Creates missing roles and databases from the manifest of Kubernetes, and sets the password of every role.
 *
 * @returns the URL of each of the named databases as its owner, for migrations and for tools
 */
export async function createSecureDatabases<Name extends string>(
  adminUrl: string,
  security: PostgresSecurity,
  names: readonly Name[],
): Promise<Record<Name, string>> {
  const client = new (clientOf({ url: adminUrl }, pg.Client))()
  await client.connect()
  try {
    for (const { name, replication, connectionLimit } of security.roles) {
      const role = pg.escapeIdentifier(name)
      const found = await client.query('select 1 from pg_roles where rolname = $1', [name])
      if (found.rowCount === 0) await client.query(`create role ${role}`)
      const password = pg.escapeLiteral(await readPassword(security.passwordFileOf(name)))
      await client.query(
        `alter role ${role} login ${replication ? '' : 'no'}replication connection limit ${connectionLimit} password ${password}`,
      )
    }
    for (const { name, owner } of security.databases) {
      const found = await client.query('select 1 from pg_database where datname = $1', [name])
      if (found.rowCount === 1) continue
      await client.query(`create database ${pg.escapeIdentifier(name)} owner ${pg.escapeIdentifier(owner)}`)
    }
  } finally {
    await client.end()
  }
  const port = Number(new URL(adminUrl).port)
  const urls = names.map(async (name) => {
    const owner = security.databases.find((database) => database.name === name)?.owner
    if (owner === undefined) throw new Error(`the manifest has no database ${name}`)
    return [name, await databaseUrlAs(owner, { port, database: name }, security)] as const
  })
  return Object.fromEntries(await Promise.all(urls)) as Record<Name, string>
}
