import { decideSteps } from './decide-steps.ts'
import type { Decision, SagaStep } from './decision.ts'
import type { Advance, SagaStore } from './saga-store.ts'
import { repeatWhileFull, type Timer } from './wake-due.ts'

/** What a saga is made of. */
export interface SagaParts<Tx, State, Step extends SagaStep, Output> {
  /** What one saga is called, for errors: `payment`. */
  readonly name: string
  /** Decides what a step means. Pure: the clock is an argument, and nothing is read or written. */
  decide(state: State, step: Step, now: Date): Decision<State, Output>
  readonly store: SagaStore<Tx, State>
  /** Runs `work` in one transaction and commits, or rolls back what threw. */
  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>
  /** Writes what decisions led to into the outbox. */
  append(tx: Tx, outputs: readonly Output[]): Promise<void>
  /** Called once after each commit with the sagas that have a new transition; not if there are none. Must not throw. */
  notify(changed: readonly State[]): void
  /** Makes the error of a step that cannot be, or whose saga is unknown; an Error unless given. */
  contradiction?(why: string): Error
}

/** A saga that runs. */
export interface Saga<Tx, State, Step extends SagaStep, Output> {
  /**
   * Locks, decides and saves in the caller's transaction, for a consumer whose transaction takes on more than sagas. The caller
   * appends `outputs`, and calls `notify` after its commit.
   *
   * @throws Error of `contradiction` if a saga is unknown, or a step cannot be; nothing is written then
   */
  advance(tx: Tx, steps: readonly Step[]): Promise<Advance<State, Output> & { notify(): void }>
  /**
   * Runs `work` in a transaction of its own. What it advances is also appended, and notified of after the commit.
   *
   * @throws Error as `advance` does
   */
  run<Result>(
    work: (tx: Tx, advance: (steps: readonly Step[]) => Promise<Advance<State, Output>>) => Promise<Result>,
  ): Promise<Result>
  /**
   * Takes the sagas whose time has come through a step each, a batch in a transaction, until no more are due or `stopping` is
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
 * Makes a saga of its parts: each step is locked, decided, saved with its wake-ups, appended to the outbox, committed, and
 * then notified of, in this order.
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
