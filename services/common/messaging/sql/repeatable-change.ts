import type { Sql } from './sql.ts'

/** A change that a caller may ask for again, as it does not know whether the first call arrived. */
export interface RepeatableChange<Tx extends Sql> {
  /**
   * Looks whether the same call was made before, and remembers it, in the transaction that `tx` is in and before
   * anything is changed. A repeated call changes nothing; it returns what the first one has done. What this throws
   * refuses the call.
   *
   * Without it, a request with an id of its own is repeated by that id. `cancel` changes nothing the second time, and
   * `discard` and `acceptTopic` refuse their repeat, as it was done.
   */
  remember?(tx: Tx): Promise<'new' | 'repeated'>
}

/** Whether the same call was made before. Without `remember` it is taken for a new one. */
export async function isRepeated<Tx extends Sql>(tx: Tx, change: RepeatableChange<Tx>): Promise<boolean> {
  return (await change.remember?.(tx)) === 'repeated'
}
