import { releaseDatabase } from '../../messaging/restore/hold-database.ts'
import { readRestore } from '../../messaging/restore/restore-rows.ts'
import type { Restorer } from '../../messaging/restore/restorer.ts'
import { startRestore } from '../../messaging/restore/start-restore.ts'
import { type Database, openDatabase } from '../postgres/database.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import { query } from '../postgres/query.ts'
import { createLog } from '../telemetry/log.ts'
import type { ConsumerFixture } from './consumer-fixture.ts'

/** A restorer whose restores start and make no progress. */
export interface IdleRestorer extends Restorer<EntityManager> {
  /** Works also while the database is held. */
  database(): Promise<Database>
  /** Opens the database again, and deletes all restores. */
  release(): Promise<void>
}

/** @param topic - the topic that the service `wallet` publishes to */
export function createIdleRestorer({ kafka, db }: ConsumerFixture, topic: string): IdleRestorer {
  const log = createLog({ service: 'test', level: 'silent' })
  let opened: Promise<Database> | undefined
  const database = () => {
    opened ??= openDatabase({
      url: db.url,
      entities: [],
      migrations: [],
      poolSize: 3,
      log,
      applicationName: 'restore',
      evenWhenHeld: true,
    })
    return opened
  }
  const read = async (restoreId: string) => await readRestore((await database()).em(), restoreId)
  return {
    database,
    async start(request) {
      const parts = { name: 'wallet', kafka, topics: [topic], database: await database() }
      return await read(await startRestore(parts, request))
    },
    read,
    wake: () => {},
    resume: () => {},
    async stop() {
      await (await opened)?.close()
    },
    async release() {
      await (await database()).transaction(async (em) => {
        await releaseDatabase(em)
        await query(em, 'TRUNCATE restore, inbox, request CASCADE')
      })
    },
  }
}
