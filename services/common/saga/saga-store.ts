import type { Decision, Wakeups } from './decision.ts'

/** Where the sagas are stored. `Tx` is a transaction, whatever the database's library calls it. */
export interface SagaStore<Tx, State> {
  /** Loads sagas and locks them until the transaction ends, in the order of their ids, so that transactions never wait in a circle. */
  lock(tx: Tx, sagaIds: readonly string[]): Promise<LockedStates<State>>
  /**
   * Writes locked sagas: their new states and when they are woken.
   *
   * @param states - each saga once, in its last state; none if nothing is to be written
   * @param transitions - the state after each transition, in order: the sagas' histories
   */
  save(tx: Tx, states: readonly ScheduledState<State>[], transitions: readonly State[]): Promise<void>
}

export interface LockedStates<State> {
  /** By their ids; unknown ones are missing. Steps replace the states in it. */
  readonly states: Map<string, State>
  /** The database's clock, the same for every replica. */
  readonly now: Date
}

export interface ScheduledState<State> {
  readonly state: State
  readonly wakeups: Wakeups
}

/** What steps have led to. */
export interface Advance<State, Output> {
  /** One for each step, in their order. */
  readonly decisions: readonly Exclude<Decision<State, Output>, { readonly type: 'CONTRADICTION' }>[]
  /** The sagas that have a new transition, each once, in its last state. */
  readonly changed: readonly State[]
  /** To be appended to the outbox in the same transaction, in this order. */
  readonly outputs: readonly Output[]
}
