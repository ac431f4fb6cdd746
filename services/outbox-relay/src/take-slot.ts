import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import { type Database, sqlStateOf } from './database.ts'
import { ReplicationStream, type ReplicationStreamOptions } from './replication-stream.ts'
import {
  createSlot,
  dropSlot,
  notInPrerequisiteState,
  objectInUse,
  readSlotState,
  undefinedObject,
} from './slot.ts'

export interface TakeSlotParts {
  readonly database: Database
  readonly stream: ReplicationStreamOptions
  readonly standbyPollMs: number
  readonly log: Logger
  /** Told once, when another relay turns out to hold the slot. */
  readonly onStandby: () => void
  /** Publishes by reading the table, once for a while, since there is no slot to be had because of `error`. */
  readonly scanInstead: (error: unknown) => Promise<void>
}

/**
 * Waits until this relay holds the slot, and reads from it. Creates the slot where there is none, and replaces one that
 * has lost its log.
 */
export async function takeSlot(parts: TakeSlotParts, signal: AbortSignal): Promise<ReplicationStream> {
  const { database, log } = parts
  const { slotName } = parts.stream
  for (let standingBy = false; ; ) {
    signal.throwIfAborted()
    const state = await readSlotState(database, slotName)
    if (state === 'absent' || state === 'lost') {
      try {
        if (state === 'lost') await dropSlot(database, slotName)
        await createSlot(database, slotName)
        log.info({ slotName, was: state }, 'created the replication slot')
      } catch (error) {
        await parts.scanInstead(error)
      }
      continue
    }
    if (state === 'free') {
      const stream = await openUnlessTaken(parts)
      if (stream !== undefined) return stream
    }
    if (!standingBy) {
      log.info({ slotName }, 'standing by: another relay holds the slot')
      parts.onStandby()
    }
    standingBy = true
    await sleep(parts.standbyPollMs * (0.8 + Math.random() * 0.4), undefined, { signal })
  }
}

async function openUnlessTaken(parts: TakeSlotParts): Promise<ReplicationStream | undefined> {
  try {
    return await ReplicationStream.open(parts.stream)
  } catch (error) {
    const state = sqlStateOf(error)
    if (state === objectInUse || state === undefinedObject) return undefined
    if (
      state === notInPrerequisiteState &&
      (await readSlotState(parts.database, parts.stream.slotName)) === 'lost'
    ) {
      return undefined
    }
    throw error
  }
}
