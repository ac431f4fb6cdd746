import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Logger, OtherTopicError } from '@boxoffice/kafka'
import { backoffMs } from '@boxoffice/pacing'
import type { MessageHandler } from '../message/message-handler.ts'
import type { ReceivedMessage } from '../message/received-message.ts'
import { requireUuid } from '../message/require-field.ts'
import { isHeld, isTransient } from '../sql/errors.ts'
import type { Sql, SqlDatabase } from '../sql/sql.ts'
import { ApplyError } from './apply-facts.ts'
import { createHeldDatabase } from './held-database.ts'
import { endLease, type Lease, renewLease, SupersededError, takeLease } from './lease.ts'
import type { RestoreHandler } from './restore-handler.ts'
import { readRestore, type StoredRestore, unfinishedRestore } from './restore-rows.ts'
import { type RestoreParts, runRestore } from './run-restore.ts'
import { checkRestore, type StartRestore, startRestore } from './start-restore.ts'

export interface RestorerOptions<Tx extends Sql, Message extends ReceivedMessage = ReceivedMessage>
  extends Omit<RestoreParts, 'database' | 'signal'> {
  readonly handler: MessageHandler<Tx, Message>
  readonly restoring: RestoreHandler<Tx>
  /** The service's own database, which refuses to work while it is held. */
  readonly database: SqlDatabase
  /**
   * Opens connections that work also while the database is held; called once, when they are needed first. They have
   * `default_transaction_read_only=off`, and an `application_name` of their own: a restore ends all other sessions of the
   * service.
   */
  openHeld(): Promise<SqlDatabase<Tx> & { close(): Promise<void> }>
}

/** Brings a database that came back from a backup up to what the service has published, on one replica at a time. */
export interface Restorer<Tx extends Sql = Sql> {
  /**
   * Holds the database from the commit on, in one transaction with the restore that will release it, and works on the
   * restore in the background. A call with the id of a restore returns that restore, running or done; one that is
   * running goes on if an error had stopped it. A call with `remember` joins a restore of another id that is under way
   * from the same time; without it, such a call is refused with RESTORE_RUNNING, which names the id to repeat.
   *
   * @throws MessagingError FIELD_VIOLATION, RESTORE_FROM_FUTURE, RECORDS_GONE, RESTORE_RUNNING, NOT_READY
   * @throws KafkaAwayError if Kafka does not answer
   */
  start(request: StartRestore<Tx>): Promise<StoredRestore>
  /** @throws MessagingError FIELD_VIOLATION, RESTORE_NOT_FOUND */
  read(restoreId: string): Promise<StoredRestore>
  /** Works on the restore that is under way, unless a replica does already. Returns at once. */
  wake(): void
  /** Continues a restore that was interrupted, if the database is held for one. Returns at once. */
  resume(): void
  /** Interrupts the work on a restore; the next replica continues it. */
  stop(): Promise<void>
}

const lookAgainMs = 2_000
const renewMs = 2_000
const attemptsMax = 5
const retryBaseMs = 500
const retryCapMs = 5_000

/**
 * @example
 * ```ts
 * const restorer = createRestorer({ name: 'billing', kafka, database, handler, restoring, openHeld, log })
 * restorer.resume()
 * const { restoreId } = await restorer.start({ restoreId: randomUUID(), from, acceptGone: false, subject: 'ann' })
 * const { phase, factsApplied } = await restorer.read(restoreId)
 * ```
 */
export function createRestorer<Tx extends Sql, Message extends ReceivedMessage>(
  options: RestorerOptions<Tx, Message>,
): Restorer<Tx> {
  const { name, kafka, log, restoring } = options
  const runner = randomUUID()
  const stopping = new AbortController()
  const heldDatabase = createHeldDatabase(() => options.openHeld())
  let working: Promise<void> | undefined
  let resuming: Promise<void> | undefined

  async function work(): Promise<void> {
    const held = await heldDatabase.open()
    const restore = await held.transaction(unfinishedRestore)
    if (restore === undefined) return
    const lease: Lease = { restoreId: restore.restoreId, runner }
    if (!(await held.transaction((sql) => takeLease(sql, lease)))) return
    log.info({ restoreId: restore.restoreId, from: restore.from }, 'restoring')
    const timer = setInterval(() => {
      held.transaction((sql) => renewLease(sql, lease)).catch(() => undefined)
    }, renewMs)
    try {
      await tryAgain(
        async () => {
          const current = await held.transaction(unfinishedRestore)
          if (current?.restoreId === lease.restoreId)
            await runRestore({ ...options, database: held, signal: stopping.signal }, current, lease)
        },
        log,
        stopping.signal,
      )
      log.info({ restoreId: restore.restoreId }, 'restored')
    } catch (error) {
      if (error instanceof SupersededError) return
      const isStopping = stopping.signal.aborted
      if (!isStopping) log.error({ err: error, restoreId: restore.restoreId }, 'the restore does not go on')
      const why = isStopping ? '' : reasonOf(error)
      await held.transaction((sql) => endLease(sql, lease, why)).catch(() => undefined)
    } finally {
      clearInterval(timer)
    }
  }

  async function workWhileHeld(): Promise<void> {
    while (!stopping.signal.aborted) {
      const state = await lookAt(options.database)
      if (state === 'ready') return
      if (state === 'held' && !(await wakeIfUnfinished())) return
      await sleep(lookAgainMs, undefined, { signal: stopping.signal })
    }
  }

  /** Returns false once no restore is left. A failure passes, as the database may be away again: it is looked at again. */
  async function wakeIfUnfinished(): Promise<boolean> {
    try {
      if ((await (await heldDatabase.open()).transaction(unfinishedRestore)) === undefined) return false
      wake()
    } catch (err) {
      log.warn({ err }, 'cannot look for a restore that was cut short, trying again')
    }
    return true
  }

  function wake(): void {
    if (stopping.signal.aborted) return
    working ??= work()
      .catch((err: unknown) => log.warn({ err }, 'cannot work on the restore now'))
      .finally(() => {
        working = undefined
      })
  }

  return {
    async start(request) {
      checkRestore(request)
      const database = await heldDatabase.open()
      const restoreId = await startRestore({ name, kafka, topics: restoring.topics, database }, request)
      wake()
      return await database.transaction((tx) => readRestore(tx, restoreId))
    },
    async read(restoreId) {
      requireUuid('restoreId', restoreId)
      const database = await heldDatabase.open()
      return await database.transaction((tx) => readRestore(tx, restoreId))
    },
    wake,
    resume() {
      resuming ??= workWhileHeld().catch((err: unknown) => {
        if (!stopping.signal.aborted) log.warn({ err }, 'cannot look for a restore that was cut short')
      })
    },
    async stop() {
      stopping.abort()
      await Promise.all([working, resuming])
      await heldDatabase.close()
    },
  }
}

/**
 * Kafka and the database may be away for a while. Facts that cannot be applied after a few attempts end the work.
 */
async function tryAgain(attempt: () => Promise<void>, log: Logger, stopping: AbortSignal): Promise<void> {
  for (let failures = 0; ; ) {
    stopping.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      failures += 1
      if (error instanceof SupersededError || error instanceof OtherTopicError) throw error
      if (isHopeless(error) && failures >= attemptsMax) throw error
      log.warn({ err: error }, 'the restore was interrupted and goes on')
      await sleep(backoffMs(failures, retryBaseMs, retryCapMs), undefined, { signal: stopping })
    }
  }
}

function isHopeless(error: unknown): boolean {
  return error instanceof ApplyError && !isTransient(error.cause)
}

function reasonOf(error: unknown): string {
  if (error instanceof OtherTopicError)
    return `${error.message}: what was not read yet is gone. Go on without it (restore --accept-gone), or begin with a younger backup`
  const cause = error instanceof ApplyError ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}

async function lookAt(database: SqlDatabase): Promise<'ready' | 'held' | 'away'> {
  try {
    await database.transaction((sql) => sql.query('SELECT 1'))
    return 'ready'
  } catch (error) {
    return isHeld(error) ? 'held' : 'away'
  }
}
