import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import { UsePointCommandSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { releaseDatabase } from '../../messaging/restore/hold-database.ts'
import { createRestorer, type Restorer } from '../../messaging/restore/restorer.ts'
import type { Database } from '../postgres/database.ts'
import { openDatabase } from '../postgres/database.ts'
import { query } from '../postgres/query.ts'
import { createLog } from '../telemetry/log.ts'
import { type ConsumerFixture, recordingHandler } from './consumer-fixture.ts'

/** A restorer whose restores start and make no progress. */
export interface IdleRestorer extends Restorer<Database> {
  /** Opens the database again, and deletes all restores. */
  release(): Promise<void>
}

/** @param topic - the topic that the service `wallet` publishes to */
export function createIdleRestorer({ kafka, db }: ConsumerFixture, topic: string): IdleRestorer {
  const log = createLog({ service: 'test', level: 'silent' })
  const restoring = {
    topics: [topic],
    codec: createProtobufCodec([UsePointCommandSchema]),
    lineOf: () => '',
    apply: async () => ({ applied: 0, contradictions: [] }),
  }
  const openHeld = () =>
    openDatabase({
      url: db.url,
      entities: [],
      migrations: [],
      poolSize: 3,
      log,
      applicationName: 'restore',
      evenWhenHeld: true,
    })
  const handler = recordingHandler([])
  const restorer = createRestorer({
    name: 'wallet',
    handler,
    kafka,
    database: db.database,
    restoring,
    openHeld,
    log,
  })
  return {
    ...restorer,
    wake: () => {},
    async release() {
      await (await restorer.database()).transaction(async (em) => {
        await releaseDatabase(em)
        await query(em, 'TRUNCATE restore, inbox, request CASCADE')
      })
    },
  }
}
