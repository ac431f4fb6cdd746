import type { Access } from './decide-access.ts'
import type { Obstacle } from './obstacles.ts'

/** The state of a relay. Shards count from 0 here. */
export interface RelayState {
  readonly phase: 'idle' | 'taking' | 'catching-up' | 'streaming' | 'left'
  readonly shards: number
  /** The shard that it holds, or tries to take. */
  readonly shard: number
  /** The number of shards in a row that other relays turned out to hold. */
  readonly held: number
  /** The number of sessions in a row that have failed. */
  readonly failures: number
}

/** The result of the last action. */
export type RelayEvent =
  | { readonly kind: 'waited' }
  | { readonly kind: 'connected' }
  /** The access to the shard that was found, and whether relays of another layout publish. */
  | { readonly kind: 'found'; readonly access: Access; readonly isOtherLayoutActive: boolean }
  /** The slot was created, or another relay was quicker. */
  | { readonly kind: 'changed' }
  /** The server refused what was asked. */
  | { readonly kind: 'refused'; readonly error: unknown }
  /** A relay of another layout was first. */
  | { readonly kind: 'excluded' }
  /** The table was read for a while, by this relay or, as it turned out, by another. */
  | { readonly kind: 'scanned'; readonly isOurs: boolean }
  /** The relay holds the slot. `isScanned`: the rows from before the slot are published. */
  | { readonly kind: 'opened'; readonly isScanned: boolean }
  | { readonly kind: 'caught-up' }
  /** The session has released everything. */
  | { readonly kind: 'failed'; readonly sessionMs: number }
  | { readonly kind: 'stopped' }

/** What a relay does next. */
export type RelayAction =
  | { readonly kind: 'rest'; readonly failures: number }
  | { readonly kind: 'connect' }
  | { readonly kind: 'look' }
  | { readonly kind: 'await-operator'; readonly obstacle: Obstacle; readonly detail: string | undefined }
  | {
      readonly kind: 'scan'
      readonly obstacle: Obstacle
      readonly dropSlot: boolean
      readonly error?: unknown
    }
  | { readonly kind: 'create-slot'; readonly replaces: boolean }
  | { readonly kind: 'open' }
  | { readonly kind: 'stand-by'; readonly because: StandbyReason }
  | { readonly kind: 'publish-table' }
  | { readonly kind: 'stream' }
  | { readonly kind: 'leave' }

/** Other relays hold every shard, or they divide the outbox in another way. */
export type StandbyReason = 'held' | 'other-layout'

export interface RelayStep {
  readonly state: RelayState
  readonly action: RelayAction
}

/** A relay before its first action. If there are several shards, relays start with different ones. */
export function newRelay(shards: number, random = Math.random): RelayState {
  return { phase: 'idle', shards, shard: Math.floor(random() * shards), held: 0, failures: 0 }
}

/**
 * Decides what a relay does next: reach Kafka, take a shard or stand by, publish what the table holds, stream, and
 * start again after a failure.
 *
 * @throws Error for an event that is impossible in its phase
 */
export function next(state: RelayState, event: RelayEvent): RelayStep {
  if (event.kind === 'stopped') return { state: { ...state, phase: 'left' }, action: { kind: 'leave' } }
  const step =
    event.kind === 'failed' ? afterFailure(state, event.sessionMs) : steps[state.phase](state, event)
  if (step === undefined) throw new Error(`a relay that is ${state.phase} cannot have ${event.kind}`)
  return step
}

const steps: Readonly<
  Record<RelayState['phase'], (state: RelayState, event: RelayEvent) => RelayStep | undefined>
> = {
  idle: (state, event) => {
    if (event.kind === 'waited') return { state, action: { kind: 'connect' } }
    return event.kind === 'connected' ? look(state) : undefined
  },
  taking,
  'catching-up': (state, event) =>
    event.kind === 'caught-up'
      ? { state: { ...state, phase: 'streaming' }, action: { kind: 'stream' } }
      : undefined,
  // A stream goes on until it fails, or the relay is stopped.
  streaming: () => undefined,
  left: () => undefined,
}

function taking(state: RelayState, event: RelayEvent): RelayStep | undefined {
  switch (event.kind) {
    case 'found':
      return event.isOtherLayoutActive ? standBy(state, 'other-layout') : afterLook(state, event.access)
    case 'waited':
    case 'changed':
      return look(state)
    case 'refused':
      return {
        state,
        action: { kind: 'scan', obstacle: 'slot-refused', dropSlot: false, error: event.error },
      }
    case 'excluded':
      return standBy(state, 'other-layout')
    case 'scanned':
      return look(event.isOurs ? state : { ...state, shard: shardAfter(state) })
    case 'opened':
      return event.isScanned
        ? { state: { ...state, phase: 'streaming' }, action: { kind: 'stream' } }
        : { state: { ...state, phase: 'catching-up' }, action: { kind: 'publish-table' } }
    default:
      return undefined
  }
}

function afterLook(state: RelayState, access: Access): RelayStep {
  const sound: RelayState = { ...state, held: 0 }
  switch (access.kind) {
    case 'blocked':
      return {
        state: sound,
        action: { kind: 'await-operator', obstacle: access.obstacle, detail: access.detail },
      }
    case 'scan':
      return { state: sound, action: { kind: 'scan', obstacle: access.obstacle, dropSlot: access.dropSlot } }
    case 'create':
    case 'replace':
      return { state: sound, action: { kind: 'create-slot', replaces: access.kind === 'replace' } }
    case 'stream':
      return { state: sound, action: { kind: 'open' } }
    case 'standby': {
      const held = state.held + 1
      const other = { ...state, held, shard: shardAfter(state) }
      return held < state.shards ? look(other) : standBy(other, 'held')
    }
  }
}

function afterFailure(state: RelayState, sessionMs: number): RelayStep {
  const failures = sessionMs > steadyMs ? 1 : state.failures + 1
  return { state: { ...state, phase: 'idle', held: 0, failures }, action: { kind: 'rest', failures } }
}

const look = (state: RelayState): RelayStep => ({
  state: { ...state, phase: 'taking' },
  action: { kind: 'look' },
})

const standBy = (state: RelayState, because: StandbyReason): RelayStep => ({
  state: { ...state, held: 0 },
  action: { kind: 'stand-by', because },
})

const shardAfter = ({ shard, shards }: RelayState): number => (shard + 1) % shards

/** A session that lasted this long was sound: its end does not lengthen the wait before the next one. */
const steadyMs = 10_000
