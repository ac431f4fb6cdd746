/** Something that happened to a saga: an answer, a caller's wish, a timer that went off. Extend it with what happened. */
export interface SagaStep {
  readonly sagaId: string
}

/** When a saga is to be woken, in milliseconds from now. */
export interface Wakeups {
  /** Its open question is put once more; null if none is open. */
  readonly askAgainInMs: number | null
  /** It gives up waiting; null if it does not wait for what has a deadline. */
  readonly giveUpInMs: number | null
}

/** What a step means for a saga. */
export type Decision<State, Output> =
  /** A transition: the new state, what it leads to, in order, and when the saga is to be woken. */
  | {
      readonly type: 'CHANGED'
      readonly state: State
      readonly outputs: readonly Output[]
      readonly wakeups: Wakeups
    }
  /** The open question is put once more. The state counts that, and makes no transition. */
  | {
      readonly type: 'ASKED_AGAIN'
      readonly state: State
      readonly outputs: readonly Output[]
      readonly wakeups: Wakeups
    }
  /** Known already, or overtaken: nothing is written or sent. */
  | { readonly type: 'UNCHANGED'; readonly state: State }
  /** It cannot be. The whole transaction is rolled back. */
  | { readonly type: 'CONTRADICTION'; readonly state: State; readonly why: string }
