import type { SagaStep } from './decision.ts'

/** A timer that wakes sagas whose time has come. */
export interface Timer<Tx, Due, Step extends SagaStep> {
  /**
   * Selects sagas whose time has come, and locks them in the order of their ids. It skips locked ones, so that
   * replicas share the work.
   */
  lockDue(tx: Tx, limit: number): Promise<readonly Due[]>
  /** The step that the timer makes for a saga. */
  stepOf(due: Due): Step
  /** The most sagas in one transaction. */
  readonly batchSizeMax: number
}

/** Runs `wakeBatch` until it finds less than a whole batch, or `stopping` is aborted. */
export async function repeatWhileFull(
  batchSizeMax: number,
  wakeBatch: () => Promise<number>,
  stopping: AbortSignal | undefined,
): Promise<void> {
  for (let found = batchSizeMax; found >= batchSizeMax && !stopping?.aborted; ) found = await wakeBatch()
}
