import { cp, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { withOptions } from '@boxoffice/common/testing/with-options.ts'
import { createOutboxDatabase, type OutboxDatabase } from '@boxoffice/outbox-relay/testing/outbox-database.ts'
import { createTestTopic, type TestTopic } from '@boxoffice/outbox-relay/testing/topic.ts'
import { expect } from 'chai'
import { runCommand } from '../../scripts/command.ts'
import { repositoryDir } from '../../scripts/platform/paths.ts'
import type { TemporaryFolder } from '../../scripts/platform/temporary-folder.ts'
import { compileStrictly } from './compile-strictly.ts'
import { createDeadLetterTopic } from './create-dead-letter-topic.ts'
import { installPackages } from './install-packages.ts'

/** The code that each section of docs/use-the-libraries.md assumes before and after its own. */
const libraries = [
  {
    heading: 'Kysely',
    before: `import { Kysely, PostgresDialect } from 'kysely'
      interface Tables {}
      const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })`,
  },
  { heading: 'Drizzle on node-postgres', before: '' },
  {
    heading: 'TypeORM',
    before: `import { DataSource, type EntityManager } from 'typeorm'
      const dataSource = await new DataSource({ type: 'postgres', url: process.env.DATABASE_URL ?? '' }).initialize()`,
    after: 'await dataSource.destroy()',
  },
]

const userPackages = [
  ...['pg@8.23.0', '@types/pg@8.23.1', '@types/node@24.10.1', 'zod@4.6.7'],
  ...['kysely@0.29.6', 'drizzle-orm@0.45.4', 'typeorm@1.1.1'],
]

const imports = `
import type { Sql, SqlDatabase } from '@boxoffice/messaging'
import { createPgDatabase } from '@boxoffice/messaging/pg'
import pg from 'pg'
import { check } from './check.js'
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
pool.on('error', () => undefined)
pool.on('connect', (client) => client.on('error', () => undefined))`

describe('the adapters of docs/use-the-libraries.md, in a folder of its own', function () {
  this.timeout(120_000)
  let folder: TemporaryFolder
  let document: string
  let shop: OutboxDatabase
  let orders: TestTopic

  before(async () => {
    folder = await installPackages(['kafka', 'pacing', 'messaging'], userPackages)
    document = await readFile(path.join(repositoryDir, 'docs/use-the-libraries.md'), 'utf8')
    await cp(path.join(import.meta.dirname, 'adapters/check.ts'), path.join(folder.dir, 'check.ts'))
  })
  beforeEach(async () => {
    shop = await createOutboxDatabase(undefined, [])
    orders = await createTestTopic()
    await createDeadLetterTopic(orders.name)
  })
  afterEach(() => Promise.all([shop.drop(), orders.close()]))
  after(() => folder.remove())

  for (const { heading, before: given, after: end = '' } of libraries)
    it(`carry an outbox and an inbox exactly as documented, and compile strictly: ${heading}`, async () => {
      const file = path.join(folder.dir, 'shop.ts')
      const text = [
        imports,
        given,
        blockUnder(heading),
        'await check(database, pool)',
        end,
        'await pool.end()',
      ]
      await writeFile(file, text.join('\n'))
      await compileStrictly(folder.dir, 'shop.ts', ['--skipLibCheck'])
      const { exitCode, output } = await runCommand(process.execPath, ['shop.js'], {
        cwd: folder.dir,
        env: {
          PATH: process.env.PATH,
          DATABASE_URL: withOptions(shop.url),
          KAFKA_BROKERS: process.env.TEST_KAFKA_BROKERS,
          ORDERS: orders.name,
        },
      })
      expect(exitCode, output).to.equal(0)
    })

  function blockUnder(heading: string): string {
    const section = document.split(/^### /m).find((text) => text.startsWith(heading)) ?? ''
    return section.match(/```ts\n([\s\S]*?)```/)?.[1] ?? `throw new Error('no code under ${heading}')`
  }
})
