import type { Poison } from '../../message/poison.ts'
import { handlerPoison } from '../handling/handler-poison.ts'
import {
  type Circuit,
  isOpen,
  judge,
  newCircuit,
  poisonOffsets,
  repair,
  tryOne,
  type Verdict,
} from './circuit.ts'

/** How far this member is in a partition, and how its last attempts went. */
export interface PartitionProgress {
  /** The offset that this member reads next: every record before it was handled, put aside or passed over. */
  readonly position: bigint
  /** The stored position, as this member last read or wrote it: behind `position` by what was only passed over. */
  readonly stored: bigint
  /** The offsets of the records that were passed over since the stored position was written. */
  readonly passedOver: readonly bigint[]
  /** The most messages that its next transaction takes: halved when one fails, doubled when one commits. */
  readonly batchLimit: number
  /** Whether its transactions take no other partition's messages: one of its own may be what made a transaction fail. */
  readonly isolated: boolean
  /** The message at which the handler threw while it was alone in a transaction. */
  readonly suspect: Suspect | undefined
  /** Failures in a row that a retry can help. */
  readonly failures: number
  readonly circuit: Circuit
}

export interface Suspect {
  readonly offset: bigint
  /** The number of times that it was tried alone. */
  readonly attempts: number
  /** The reason for which it is put aside; set after the last attempt. */
  readonly poisoned: Poison | undefined
}

/** An event of a partition. */
export type ProgressEvent =
  /** A batch has come and is to be handled. */
  | { readonly kind: 'fetched' }
  /** A transaction that can take the batch is about to begin; the batch's next record is at this offset. */
  | { readonly kind: 'turn'; readonly offset: bigint | undefined }
  | {
      readonly kind: 'committed'
      readonly to: bigint
      readonly verdicts: readonly Verdict[]
      readonly isBatchDone: boolean
    }
  /** A transaction that it shared with other partitions failed. */
  | { readonly kind: 'failed-together' }
  /** The handler threw at this number of records, the first of them at `offset`, and a retry cannot help. */
  | {
      readonly kind: 'threw'
      readonly offset: bigint | undefined
      readonly records: number
      readonly error: unknown
    }
  /** A transaction with this number of its records failed in a way that a retry can help. */
  | { readonly kind: 'failed'; readonly records: number }
  /** Its stored position is not where this member left it. */
  | { readonly kind: 'fenced' }
  /** Its position could not be read from the database or from Kafka. */
  | { readonly kind: 'not-located' }
  /** Its stored position was read again: it is `to`. */
  | { readonly kind: 'moved'; readonly to: bigint; readonly isOtherTopic: boolean }
  /** The records up to `to` hold nothing for the handler. */
  | { readonly kind: 'passed-over'; readonly to: bigint; readonly offsets: readonly bigint[] }
  /** The stored position has moved past records that were passed over. */
  | { readonly kind: 'stored'; readonly from: bigint; readonly to: bigint }
  /** Only the poison at these offsets is still put aside. */
  | { readonly kind: 'repaired'; readonly putAside: ReadonlySet<bigint> }

/** What the caller does next. */
export type ProgressAction =
  | { readonly kind: 'none' }
  /** Its next messages go into a transaction. */
  | { readonly kind: 'transact' }
  /** The batch is done: the next one may be fetched. */
  | { readonly kind: 'resolve' }
  /** The circuit is open: nothing is fetched for a while. */
  | { readonly kind: 'cool-down'; readonly openings: number }
  /** The batch waits, and is then tried again. */
  | { readonly kind: 'back-off'; readonly failures: number }
  /** The position is read from the database again: the batch does not begin at it, or the transaction was fenced. */
  | { readonly kind: 'relocate' }
  /** The partition is fetched from its position. */
  | { readonly kind: 'seek' }
  /** Kafka's committed offset follows the stored position. */
  | { readonly kind: 'commit-offset' }
  /** The partition stops cooling down and is fetched again. */
  | { readonly kind: 'release' }

/** An event that one of the partition's batches causes. */
export type BatchEvent = Exclude<ProgressEvent, { kind: 'passed-over' | 'stored' | 'repaired' }>

/** What is done next with that batch. */
export type BatchStep = Exclude<ProgressAction, { kind: 'none' | 'commit-offset' | 'release' }>

export interface ProgressStep {
  readonly progress: PartitionProgress
  readonly action: ProgressAction
}

export interface ProgressRules {
  /** The most messages in one transaction. */
  readonly batchLimitMax: number
  /** The number of times that a message is tried alone before it is put aside. */
  readonly attemptsMax: number
  /** The number of recent messages that a partition is judged by. */
  readonly poisonWindow: number
}

/** @param recentPoison - the offsets of its latest messages that are put aside as poison */
export function newProgress(
  position: bigint,
  rules: ProgressRules,
  recentPoison: readonly bigint[] = [],
): PartitionProgress {
  const circuit = newCircuit(rules.poisonWindow, recentPoison)
  return untried(position, isOpen(circuit) ? 1 : rules.batchLimitMax, isOpen(circuit), circuit)
}

/** Whether records may be passed over without a transaction: the partition has no suspect and no recent poison. */
export function mayPassOver({ circuit, suspect }: PartitionProgress): boolean {
  return suspect === undefined && poisonOffsets(circuit).length === 0
}

/**
 * Decides how an event changes a partition's progress, and what the caller does next.
 *
 * @throws Error for an event that is impossible in its state
 */
export function next(progress: PartitionProgress, event: ProgressEvent, rules: ProgressRules): ProgressStep {
  if (progress.circuit.state === 'cooling-down' && transactionResults.has(event.kind))
    throw new Error(`a partition that cools down cannot have ${event.kind}`)
  switch (event.kind) {
    case 'fetched':
      return { progress: { ...progress, circuit: tryOne(progress.circuit) }, action: transact }
    case 'turn':
      // After a failed heartbeat a batch can come a second time, while the transaction of the first is under way.
      if (progress.circuit.state === 'cooling-down') return coolDown(progress)
      return { progress, action: event.offset === progress.position ? transact : relocate }
    case 'committed':
      return afterCommit(progress, event, rules)
    case 'failed-together':
      return { progress: { ...progress, isolated: true }, action: transact }
    case 'threw':
      return afterThrow(progress, event, rules)
    case 'failed':
      return backOff(halve(progress, event.records))
    case 'fenced':
      return { progress, action: relocate }
    case 'not-located':
      return backOff(progress)
    case 'moved':
      return afterMove(progress, event, rules)
    case 'passed-over':
      return afterPassing(progress, event, rules)
    case 'stored':
      return afterStore(progress, event)
    case 'repaired': {
      const circuit = repair(progress.circuit, event.putAside, rules.poisonWindow)
      return { progress: { ...progress, circuit }, action: circuit === progress.circuit ? none : release }
    }
  }
}

function afterCommit(
  progress: PartitionProgress,
  { to, verdicts, isBatchDone }: Extract<ProgressEvent, { kind: 'committed' }>,
  { batchLimitMax, poisonWindow }: ProgressRules,
): ProgressStep {
  const circuit = judge(progress.circuit, verdicts, poisonWindow)
  const batchLimit = isOpen(circuit) ? 1 : Math.min(batchLimitMax, progress.batchLimit * 2)
  const isolated = isOpen(circuit) || (progress.isolated && batchLimit < batchLimitMax)
  const after = untried(to, batchLimit, isolated, circuit)
  if (circuit.state === 'cooling-down') return coolDown(after)
  return { progress: after, action: isBatchDone ? resolve : transact }
}

/** Halves the batch until the message at which the handler throws is alone; after its last attempt it is poison. */
function afterThrow(
  progress: PartitionProgress,
  { offset, records, error }: Extract<ProgressEvent, { kind: 'threw' }>,
  { attemptsMax }: ProgressRules,
): ProgressStep {
  const halved = halve(progress, records)
  if (records > 1) return { progress: halved, action: transact }
  const before = progress.suspect?.offset === offset ? progress.suspect : undefined
  // A poisoned message and an empty batch do not reach the handler: the failure has another cause.
  if (offset === undefined || before?.poisoned !== undefined) return backOff(halved)
  const attempts = (before?.attempts ?? 0) + 1
  const poisoned = attempts < attemptsMax ? undefined : handlerPoison(error, attempts)
  return { progress: { ...halved, suspect: { offset, attempts, poisoned } }, action: transact }
}

function afterMove(
  { batchLimit, circuit }: PartitionProgress,
  { to, isOtherTopic }: Extract<ProgressEvent, { kind: 'moved' }>,
  { poisonWindow }: ProgressRules,
): ProgressStep {
  // The offsets of its poison belong to the topic that was deleted.
  const kept = isOtherTopic ? newCircuit(poisonWindow) : circuit
  return { progress: untried(to, batchLimit, isOpen(kept), kept), action: seek }
}

function afterPassing(
  progress: PartitionProgress,
  { to, offsets }: Extract<ProgressEvent, { kind: 'passed-over' }>,
  { poisonWindow }: ProgressRules,
): ProgressStep {
  if (!mayPassOver(progress)) throw new Error('a partition with recent poison cannot have passed-over')
  const circuit = judge(
    progress.circuit,
    offsets.map(() => 'handled'),
    poisonWindow,
  )
  const passedOver = [...progress.passedOver, ...offsets]
  return { progress: { ...progress, position: to, passedOver, failures: 0, circuit }, action: resolve }
}

/** Changes nothing if the partition was moved elsewhere in the meantime. */
function afterStore(
  progress: PartitionProgress,
  { from, to }: Extract<ProgressEvent, { kind: 'stored' }>,
): ProgressStep {
  if (progress.stored !== from || to > progress.position) return { progress, action: none }
  const passedOver = progress.passedOver.filter((offset) => offset >= to)
  return { progress: { ...progress, stored: to, passedOver }, action: commitOffset }
}

/** A smaller transaction may succeed, or isolate the message that makes it fail. */
function halve(progress: PartitionProgress, records: number): PartitionProgress {
  return { ...progress, isolated: true, batchLimit: Math.max(1, Math.floor(records / 2)) }
}

function backOff(progress: PartitionProgress): ProgressStep {
  const failures = progress.failures + 1
  return { progress: { ...progress, failures }, action: { kind: 'back-off', failures } }
}

function coolDown(progress: PartitionProgress): ProgressStep {
  return { progress, action: { kind: 'cool-down', openings: progress.circuit.openings } }
}

/** The progress at a stored position, before the next message is tried. */
function untried(
  position: bigint,
  batchLimit: number,
  isolated: boolean,
  circuit: Circuit,
): PartitionProgress {
  const fresh = { passedOver: [], suspect: undefined, failures: 0 }
  return { position, stored: position, batchLimit, isolated, circuit, ...fresh }
}

/** The results of a transaction: while a circuit cools down, none begins. */
const transactionResults: ReadonlySet<ProgressEvent['kind']> = new Set<ProgressEvent['kind']>([
  'committed',
  'failed-together',
  'threw',
  'failed',
  'fenced',
])

const none: ProgressAction = { kind: 'none' }
const transact: ProgressAction = { kind: 'transact' }
const resolve: ProgressAction = { kind: 'resolve' }
const relocate: ProgressAction = { kind: 'relocate' }
const seek: ProgressAction = { kind: 'seek' }
const commitOffset: ProgressAction = { kind: 'commit-offset' }
const release: ProgressAction = { kind: 'release' }
