import { decideSteps } from './decide-steps.ts'
import type { Decision, SagaStep } from './decision.ts'
import type { Advance, SagaStore } from './saga-store.ts'
import { repeatWhileFull, type Timer } from './wake-due.ts'

/** The parts of a saga. */
export interface SagaParts<Tx, State, Step extends SagaStep, Output> {
  /** The noun for one saga, in errors: `payment`. */
  readonly name: string
  /** Decides what a step means. It is pure: the clock is an argument, and it reads and writes nothing. */
  decide(state: State, step: Step, now: Date): Decision<State, Output>
  readonly store: SagaStore<Tx, State>
  /** Runs `work` in one transaction and commits, or rolls back if it throws. */
  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>
  /** Writes the outputs of decisions into the outbox. */
  append(tx: Tx, outputs: readonly Output[]): Promise<void>
  /** Called once after each commit that made transitions, with the sagas that have one. Must not throw. */
  notify(changed: readonly State[]): void
  /** Makes the error for a step that is impossible, or whose saga is unknown; by default an Error. */
  contradiction?(why: string): Error
}

/** A saga, ready to take steps. */
export interface Saga<Tx, State, Step extends SagaStep, Output> {
  /**
   * Locks, decides and saves in the caller's transaction, for a consumer whose transaction does more than sagas. The
   * caller appends `outputs`, and calls `notify` after its commit.
   *
   * @throws Error of `contradiction` if a saga is unknown or a step is impossible; nothing is written then
   */
  advance(tx: Tx, steps: readonly Step[]): Promise<Advance<State, Output> & { notify(): void }>
  /**
   * Runs `work` in a transaction of its own. The outputs of its steps are appended, and `notify` is called after the
   * commit.
   *
   * @throws Error as `advance` does
   */
  run<Result>(
    work: (tx: Tx, advance: (steps: readonly Step[]) => Promise<Advance<State, Output>>) => Promise<Result>,
  ): Promise<Result>
  /**
   * Takes one step with each saga whose time has come, a batch per transaction, until no more are due or `stopping` is
   * aborted.
   *
   * @param onCommitted - called after each commit with its sagas
   */
  wakeDue<Due>(
    timer: Timer<Tx, Due, Step>,
    stopping?: AbortSignal,
    onCommitted?: (due: readonly Due[]) => void,
  ): Promise<void>
}

/**
 * Makes a saga from its parts. Each step is locked, decided, saved with its wake-ups, appended to the outbox,
 * committed and then notified, in this order.
 *
 * @example
 * const loans = createSaga({ name: 'loan', decide, store, transaction, append, notify })
 * await loans.run(async (tx, advance) => {
 *   await advance([{ sagaId: loanId, type: 'BOOK_RETURNED' }])
 * })
 */
export function createSaga<Tx, State, Step extends SagaStep, Output>(
  parts: SagaParts<Tx, State, Step, Output>,
): Saga<Tx, State, Step, Output> {
  const { name, store } = parts

  function contradiction(sagaId: string, why?: string): Error {
    const text = why === undefined ? `there is no ${name} ${sagaId}` : `${name} ${sagaId}: ${why}`
    return parts.contradiction?.(text) ?? new Error(text)
  }

  function notify(changed: readonly State[]): void {
    if (changed.length > 0) parts.notify(changed)
  }

  async function advanceIn(tx: Tx, steps: readonly Step[]): Promise<Advance<State, Output>> {
    const sagaIds = [...new Set(steps.map(({ sagaId }) => sagaId))]
    const locked = await store.lock(tx, sagaIds)
    const { touched, transitions, ...advance } = decideSteps(locked, steps, parts.decide, contradiction)
    await store.save(tx, touched, transitions)
    return advance
  }

  const saga: Saga<Tx, State, Step, Output> = {
    async advance(tx, steps) {
      const advance = await advanceIn(tx, steps)
      return { ...advance, notify: () => notify(advance.changed) }
    },
    async run(work) {
      const changed: State[] = []
      const result = await parts.transaction((tx) =>
        work(tx, async (steps) => {
          const advance = await advanceIn(tx, steps)
          await parts.append(tx, advance.outputs)
          changed.push(...advance.changed)
          return advance
        }),
      )
      notify(changed)
      return result
    },
    wakeDue: ({ lockDue, stepOf, batchSizeMax }, stopping, onCommitted) =>
      repeatWhileFull(
        batchSizeMax,
        async () => {
          const due = await saga.run(async (tx, advance) => {
            const due = await lockDue(tx, batchSizeMax)
            if (due.length > 0) await advance(due.map(stepOf))
            return due
          })
          onCommitted?.(due)
          return due.length
        },
        stopping,
      ),
  }
  return saga
}
