import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { askKafka, OtherTopicError } from '@boxoffice/kafka'
import { backoffMs } from '@boxoffice/pacing'
import { isHeld, isTransient } from '../sql/errors.ts'
import type { SqlDatabase } from '../sql/sql.ts'
import { ApplyError } from './apply-facts.ts'
import { newestBefore } from './known-time.ts'
import { endLease, type Lease, renewLease, SupersededError, takeLease } from './lease.ts'
import { type OutputStretch, outputSince } from './output-since.ts'
import { unfinishedRestore } from './restore-rows.ts'
import { type RestoreParts, runRestore } from './run-restore.ts'

export interface RestorerOptions<Held extends SqlDatabase> extends Omit<RestoreParts, 'database' | 'signal'> {
  /** The service's own, which is of no use while it is held. */
  readonly database: SqlDatabase
  /** Opens one that works in the database also while it is held. */
  openHeld(): Promise<Held & { close(): Promise<void> }>
}

/** Works on the service's restore, on one replica at a time, in the background. */
export interface Restorer<Held extends SqlDatabase = SqlDatabase> {
  /** One that works in the database also while it is held; opened at the first call. */
  database(): Promise<Held>
  /** What Kafka has of the service's output since a time. @throws KafkaAwayError if it does not answer */
  outputSince(from: Date): Promise<OutputStretch[]>
  /** The newest time that the database knows of, if that is before a time. */
  newestBefore(time: Date): Promise<Date | undefined>
  /** Works on the restore that is under way, unless somebody does already. Returns at once. */
  wake(): void
  /** Goes on with a restore that was cut short, if the database is held for one. Returns at once. */
  resume(): void
  /** Leaves a restore as it stands, for whoever comes next. */
  stop(): Promise<void>
}

const lookAgainMs = 2_000
const renewMs = 2_000
const attemptsMax = 5
const retryBaseMs = 500
const retryCapMs = 5_000

export function createRestorer<Held extends SqlDatabase>(options: RestorerOptions<Held>): Restorer<Held> {
  const { log } = options
  const runner = randomUUID()
  const stopping = new AbortController()
  let opened: Promise<Held & { close(): Promise<void> }> | undefined
  let working: Promise<void> | undefined
  let resuming: Promise<void> | undefined

  const database = (): Promise<Held> => {
    opened ??= options.openHeld()
    return opened
  }

  async function work(): Promise<void> {
    const held = await database()
    const restore = await held.transaction(unfinishedRestore)
    if (restore === undefined) return
    const lease: Lease = { restoreId: restore.restoreId, runner }
    if (!(await held.transaction((sql) => takeLease(sql, lease)))) return
    log.info({ restoreId: restore.restoreId, from: restore.from }, 'restoring')
    const timer = setInterval(() => {
      held.transaction((sql) => renewLease(sql, lease)).catch(() => undefined)
    }, renewMs)
    try {
      await tryAgain(async () => {
        const current = await held.transaction(unfinishedRestore)
        if (current?.restoreId === lease.restoreId)
          await runRestore({ ...options, database: held, signal: stopping.signal }, current, lease)
      })
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

  /** Kafka and the database may be away for a while. Facts that cannot be applied after a few attempts are told. */
  async function tryAgain(attempt: () => Promise<void>): Promise<void> {
    for (let failures = 0; ; ) {
      stopping.signal.throwIfAborted()
      try {
        return await attempt()
      } catch (error) {
        failures += 1
        if (error instanceof SupersededError || error instanceof OtherTopicError) throw error
        if (isHopeless(error) && failures >= attemptsMax) throw error
        log.warn({ err: error }, 'the restore was interrupted and goes on')
        await sleep(backoffMs(failures, retryBaseMs, retryCapMs), undefined, { signal: stopping.signal })
      }
    }
  }

  async function workWhileHeld(): Promise<void> {
    while (!stopping.signal.aborted) {
      const state = await lookAt(options.database)
      if (state === 'ready') return
      if (state === 'held') {
        if ((await (await database()).transaction(unfinishedRestore)) === undefined) return
        wake()
      }
      await sleep(lookAgainMs, undefined, { signal: stopping.signal })
    }
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
    database,
    outputSince: (from) =>
      askKafka(options.kafka, (admin) => outputSince(admin, options.restoring.topics, from)),
    newestBefore: async (time) =>
      await (await database()).transaction((sql) => newestBefore(sql, options.name, time)),
    wake,
    resume() {
      resuming ??= workWhileHeld().catch((err: unknown) => {
        if (!stopping.signal.aborted) log.warn({ err }, 'cannot look for a restore that was cut short')
      })
    },
    async stop() {
      stopping.abort()
      await Promise.all([working, resuming])
      await (await opened)?.close()
    },
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
