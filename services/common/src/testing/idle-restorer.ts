import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import { releaseDatabase } from '../../messaging/restore/hold-database.ts'
import { createRestorer, type Restorer } from '../../messaging/restore/restorer.ts'
import { type Database, openDatabase } from '../postgres/database.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import { query } from '../postgres/query.ts'
import { createLog } from '../telemetry/log.ts'
import { type ConsumerFixture, recordingHandler } from './consumer-fixture.ts'

/** A restorer whose restores start and make no progress. */
export interface IdleRestorer extends Restorer<EntityManager> {
  /** Works also while the database is held. */
  readonly held: Database
  /** Opens the database again, and deletes all restores. */
  release(): Promise<void>
}

/**
 * A restorer that was stopped: it starts restores, and leaves the work to another replica.
 *
 * @param topic - the topic that the service `wallet` publishes to
 */
export async function createIdleRestorer(
  { kafka, db }: ConsumerFixture,
  topic: string,
): Promise<IdleRestorer> {
  const log = createLog({ service: 'test', level: 'silent' })
  const held = await openDatabase({
    ...{ url: db.url, entities: [], migrations: [], poolSize: 3, log },
    ...{ applicationName: 'restore', evenWhenHeld: true },
  })
  const restorer = createRestorer({
    ...{ name: 'wallet', handler: recordingHandler([]), kafka, database: db.database, log },
    openHeld: async () => ({ ...held, close: async () => undefined }),
    restoring: {
      topics: [topic],
      codec: createProtobufCodec([]),
      lineOf: () => '',
      apply: async () => ({ applied: 0, contradictions: [] }),
    },
  })
  await restorer.stop()
  return {
    ...restorer,
    held,
    stop: () => held.close(),
    async release() {
      await held.transaction(async (em) => {
        await releaseDatabase(em)
        await query(em, 'TRUNCATE restore, inbox, request CASCADE')
      })
    },
  }
}
