import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import { type Database, sqlStateOf } from './database.ts'
import { decideAccess } from './decide-access.ts'
import { lookAround } from './look-around.ts'
import { ReplicationStream, type ReplicationStreamOptions } from './replication-stream.ts'
import type { ObstacleReport } from './report-obstacles.ts'
import { createSlot, dropSlot, notInPrerequisiteState, objectInUse, undefinedObject } from './slot.ts'

export interface TakeSlotParts {
  readonly database: Database
  readonly stream: ReplicationStreamOptions
  readonly standbyPollMs: number
  readonly log: Logger
  readonly obstacles: ObstacleReport
  /** Told once, when another relay turns out to hold the slot. */
  readonly onStandby: () => void
  /** Publishes by reading the table, for a while. */
  readonly scanInstead: () => Promise<void>
}

/**
 * Waits until this relay holds the slot, and reads from it. Creates the slot where there is none, and replaces one that
 * has lost its log. Where there is none to be had, or it would not bring the rows, the table is read meanwhile.
 */
export async function takeSlot(parts: TakeSlotParts, signal: AbortSignal): Promise<ReplicationStream> {
  const { database, log, obstacles } = parts
  const { slotName } = parts.stream
  for (let standingBy = false; ; ) {
    signal.throwIfAborted()
    const access = decideAccess(await lookAround(database, slotName))
    switch (access.kind) {
      case 'blocked':
        obstacles.report(access.obstacle, { ...database.names, slotName, detail: access.detail })
        await sleep(blockedPollMs, undefined, { signal })
        break
      case 'scan':
        obstacles.report(access.obstacle, { ...database.names, slotName })
        if (access.dropSlot) await dropSlot(database, slotName)
        await parts.scanInstead()
        break
      case 'create':
      case 'replace':
        await orScan(parts, async () => {
          if (access.kind === 'replace') await dropSlot(database, slotName)
          await createSlot(database, slotName)
          log.info(
            { slotName, was: access.kind === 'create' ? 'absent' : 'lost' },
            'created the replication slot',
          )
        })
        break
      case 'stream': {
        const stream = await orScan(parts, () => openUnlessTaken(parts))
        if (stream === undefined) break
        obstacles.clear()
        return stream
      }
      case 'standby':
        if (!standingBy) {
          log.info({ slotName }, 'standing by: another relay holds the slot')
          obstacles.clear()
          parts.onStandby()
        }
        standingBy = true
        await sleep(parts.standbyPollMs * (0.8 + Math.random() * 0.4), undefined, { signal })
    }
  }
}

/** Reads the table instead where the server refuses what is asked; what is no refusal, as a server that is away, is thrown. */
async function orScan<T>(parts: TakeSlotParts, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (sqlStateOf(error) === undefined) throw error
    parts.obstacles.report('slot-refused', { slotName: parts.stream.slotName, err: error })
    await parts.scanInstead()
    return undefined
  }
}

async function openUnlessTaken(parts: TakeSlotParts): Promise<ReplicationStream | undefined> {
  try {
    return await ReplicationStream.open(parts.stream)
  } catch (error) {
    const state = sqlStateOf(error)
    if (state === objectInUse || state === undefinedObject) return undefined
    if (state === notInPrerequisiteState) {
      const { slot } = await lookAround(parts.database, parts.stream.slotName)
      if (slot?.lost) return undefined
    }
    throw error
  }
}

const blockedPollMs = 1_000
