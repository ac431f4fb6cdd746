import type { SagaStep } from './decision.ts'

/** What wakes sagas whose time has come. */
export interface Timer<Tx, Due, Step extends SagaStep> {
  /**
   * Selects sagas whose time has come, and locks them in the order of their ids. It passes over those that are locked: so
   * replicas share the work.
   */
  lockDue(tx: Tx, limit: number): Promise<readonly Due[]>
  /** What the timer means for a saga. */
  stepOf(due: Due): Step
  /** Sagas that one transaction takes on. */
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
