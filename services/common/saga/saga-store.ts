import type { Decision, Wakeups } from './decision.ts'

/** The storage of the sagas. `Tx` is a transaction of the database library. */
export interface SagaStore<Tx, State> {
  /**
   * Loads sagas and locks them until the transaction ends, in the order of their ids, so that transactions never
   * deadlock.
   */
  lock(tx: Tx, sagaIds: readonly string[]): Promise<LockedStates<State>>
  /**
   * Writes locked sagas: their new states and their wake-ups.
   *
   * @param states - each saga once, in its last state; none if nothing is to be written
   * @param transitions - the state after each transition, in order: the sagas' histories
   */
  save(tx: Tx, states: readonly ScheduledState<State>[], transitions: readonly State[]): Promise<void>
}

export interface LockedStates<State> {
  /** The sagas by id; unknown ones are missing. Steps replace the states in it. */
  readonly states: Map<string, State>
  /** The database's clock, the same for every replica. */
  readonly now: Date
}

export interface ScheduledState<State> {
  readonly state: State
  readonly wakeups: Wakeups
}

/** The result of steps. */
export interface Advance<State, Output> {
  /** One decision for each step, in order. */
  readonly decisions: readonly Exclude<Decision<State, Output>, { readonly type: 'CONTRADICTION' }>[]
  /** The sagas that have a new transition, each once, in its last state. */
  readonly changed: readonly State[]
  /** The messages to append to the outbox in the same transaction, in this order. */
  readonly outputs: readonly Output[]
}
