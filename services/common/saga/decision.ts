/** An event of a saga: an answer, a caller's request, a timer. Extend it with what happened. */
export interface SagaStep {
  readonly sagaId: string
}

/** The times at which a saga is woken, in milliseconds from now. */
export interface Wakeups {
  /** Its open question is asked again; null if none is open. */
  readonly askAgainInMs: number | null
  /** It gives up waiting; null if it waits for nothing that has a deadline. */
  readonly giveUpInMs: number | null
}

/** What a step means for a saga. */
export type Decision<State, Output> =
  /** A transition: the new state, the outputs in order, and when the saga is woken. */
  | {
      readonly type: 'CHANGED'
      readonly state: State
      readonly outputs: readonly Output[]
      readonly wakeups: Wakeups
    }
  /** The open question is asked again. The state counts that, and makes no transition. */
  | {
      readonly type: 'ASKED_AGAIN'
      readonly state: State
      readonly outputs: readonly Output[]
      readonly wakeups: Wakeups
    }
  /** The step is a repeat, or has been overtaken: nothing is written or sent. */
  | { readonly type: 'UNCHANGED'; readonly state: State }
  /** The step is impossible. The whole transaction is rolled back. */
  | { readonly type: 'CONTRADICTION'; readonly state: State; readonly why: string }
