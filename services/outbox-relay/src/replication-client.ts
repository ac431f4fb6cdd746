import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { clientOf, type DatabaseAddress } from '@boxoffice/common/postgres/connection.ts'
import { toOptions } from '@boxoffice/common/postgres/session-settings.ts'
import pg from 'pg'

export interface ReplicationClientOptions {
  readonly database: DatabaseAddress
  readonly applicationName: string
  /**
   * The time that the server waits for a message of ours before it gives the slot to another relay, in milliseconds.
   */
  readonly walSenderTimeoutMs: number
}

/** Creates a client whose session can read a slot. It is not connected yet. */
export function createReplicationClient(options: ReplicationClientOptions): pg.Client {
  return new (clientOf(options.database, pg.Client))({
    application_name: options.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    replication: 'database',
    options: toOptions({ wal_sender_timeout: `${options.walSenderTimeoutMs}` }),
  } as pg.ClientConfig)
}

/** Returns pg's own connection, on which the server streams. */
export function connectionOf(client: pg.Client): ReplicationConnection {
  return (client as unknown as { connection: ReplicationConnection }).connection
}

/** The parts of pg's own connection that its types leave out. */
export interface ReplicationConnection extends EventEmitter {
  readonly stream: Socket
  sendCopyFromChunk(chunk: Buffer): void
  end(): void
}

const connectTimeoutMs = 5_000
