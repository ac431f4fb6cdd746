import { setTimeout as sleep } from 'node:timers/promises'
import { databaseAddress } from '@boxoffice/common/postgres/connection.ts'
import type pg from 'pg'
import { sqlStateOf } from './database.ts'
import { decideAccess } from './decide-access.ts'
import {
  dropOtherLayouts,
  enterLayout,
  isOtherLayoutActive,
  OtherLayoutError,
  type OutboxShard,
  slotNamesOf,
} from './layout.ts'
import { applicationPrefix, lookAround } from './look-around.ts'
import type { RelayAction, RelayEvent, StandbyReason } from './relay-state.ts'
import { ReplicationStream } from './replication-stream.ts'
import { scanWithoutSlot } from './scan-without-slot.ts'
import type { Session } from './session.ts'
import {
  createSlot,
  dropFormerSlots,
  dropSlot,
  isScanned,
  notInPrerequisiteState,
  objectInUse,
  undefinedObject,
  unlessForbidden,
} from './slot.ts'

type ActionOf<Kind extends RelayAction['kind']> = Extract<RelayAction, { readonly kind: Kind }>

/** Looks up how the shard can be read, and whether relays of another layout publish. */
export async function lookAtShard(session: Session, shard: OutboxShard): Promise<RelayEvent> {
  const { database } = session.parts
  return {
    kind: 'found',
    isOtherLayoutActive: await isOtherLayoutActive(database, session.layout),
    access: decideAccess(await lookAround(database, shard), shard.filter),
  }
}

/** Reports what the operator must do, and waits. */
export async function awaitOperator(
  { parts, obstacles, ending }: Session,
  { slotName }: OutboxShard,
  { obstacle, detail }: ActionOf<'await-operator'>,
): Promise<RelayEvent> {
  obstacles.report(obstacle, { ...parts.database.names, slotName, detail })
  await sleep(blockedPollMs, undefined, { signal: ending })
  return { kind: 'waited' }
}

/** Creates the slot, or replaces one that has lost its log. */
export async function makeSlot(
  { parts: { database, log } }: Session,
  { slotName }: OutboxShard,
  { replaces }: ActionOf<'create-slot'>,
): Promise<RelayEvent> {
  return await orRefused(async () => {
    if (replaces) await dropSlot(database, slotName)
    await createSlot(database, slotName)
    log.info({ slotName, was: replaces ? 'lost' : 'absent' }, 'created the replication slot')
    return { kind: 'changed' }
  })
}

/** Takes the slot and starts to read it, once relays of other layouts are gone and their slots are dropped. */
export async function openShard(session: Session, shard: OutboxShard): Promise<RelayEvent> {
  const { parts, obstacles } = session
  const { config, database } = parts
  const { slotName, publication } = shard
  const open = async (): Promise<undefined> => {
    session.stream = await ReplicationStream.open({
      ...session.limits,
      database: databaseAddress(config),
      slotName,
      names: { ...database.names, publication },
      applicationName: `${applicationPrefix}${config.relayName}`,
      walSenderTimeoutMs: config.walSenderTimeoutMs,
      beforeStart: (client) => enterAlone(client, session),
      onRowWithoutId: session.nameRowWithoutId,
      signal: session.ending,
    })
    session.runBeside(session.stream.failed)
    return undefined
  }
  const instead = await orRefused(() => open().catch((error: unknown) => unlessBeaten(session, shard, error)))
  if (instead !== undefined) return instead
  obstacles.clear()
  await session.activate(shard)
  return { kind: 'opened', isScanned: await isScanned(database, slotName) }
}

/** Publishes by reading the table for a while, since the log does not bring the rows. */
export async function scanInstead(
  session: Session,
  shard: OutboxShard,
  { obstacle, dropSlot: dropsSlot, error: err }: ActionOf<'scan'>,
): Promise<RelayEvent> {
  const { parts, layout, obstacles } = session
  const { config, database, metrics } = parts
  const { slotName, publication } = shard
  const details = err === undefined ? { ...database.names, publication } : { err }
  obstacles.report(obstacle, { slotName, ...details })
  if (dropsSlot) await unlessForbidden(dropSlot(database, slotName))
  session.standbyReason = undefined
  await session.parked.load()
  try {
    const isOurs = await scanWithoutSlot(
      {
        ...{ database, metrics, layout, shard },
        publishTable: (held) => session.publishTable(shard, held),
        intervalMs: config.scanIntervalMs,
        roundMs: scansPerRound * config.scanIntervalMs,
      },
      session.ending,
    )
    // These slots would keep log for as long as this relay reads the table.
    if (isOurs) await unlessForbidden(dropFormerSlots(database, slotNamesOf(layout), parts.log))
    return { kind: 'scanned', isOurs }
  } catch (error) {
    if (error instanceof OtherLayoutError) return { kind: 'excluded' }
    throw error
  }
}

/** Waits while other relays do the work. */
export async function standBy(session: Session, because: StandbyReason): Promise<RelayEvent> {
  const { layout, obstacles, parts } = session
  const { config, log } = parts
  const reason = standbyReasons[because === 'held' && layout.shards.length > 1 ? 'held-each' : because]
  if (session.standbyReason !== reason) {
    log.info({ slots: layout.baseName, shards: layout.shards.length }, `standing by: ${reason}`)
    obstacles.clear()
    session.standBy(reason)
  }
  await sleep(config.standbyPollMs * (0.8 + Math.random() * 0.4), undefined, { signal: session.ending })
  return { kind: 'waited' }
}

/** A failure in here is not a refusal of the slot. */
async function enterAlone(client: pg.ClientBase, { parts: { database }, layout }: Session): Promise<void> {
  try {
    await enterLayout(client, database, layout)
    await dropOtherLayouts(database, layout)
  } catch (error) {
    if (error instanceof OtherLayoutError) throw error
    throw new Error('could not enter the layout of the outbox', { cause: error })
  }
}

/** Returns a refusal of the server as an event; throws any other error, such as that of a server that is away. */
async function orRefused<T>(ask: () => Promise<T>): Promise<T | RelayEvent> {
  try {
    return await ask()
  } catch (error) {
    if (sqlStateOf(error) === undefined) throw error
    return { kind: 'refused', error }
  }
}

async function unlessBeaten(session: Session, shard: OutboxShard, error: unknown): Promise<RelayEvent> {
  if (error instanceof OtherLayoutError) return { kind: 'excluded' }
  const state = sqlStateOf(error)
  if (state === objectInUse || state === undefinedObject) return { kind: 'changed' }
  if (state === notInPrerequisiteState) {
    const { slot } = await lookAround(session.parts.database, shard)
    if (slot?.lost) return { kind: 'changed' }
  }
  throw error
}

const standbyReasons = {
  held: 'another relay holds the slot',
  'held-each': 'other relays hold every shard',
  'other-layout': 'relays with another number of shards publish',
} as const

const blockedPollMs = 1_000
/** The number of scans of the table after which the slot is tried again. */
const scansPerRound = 10
