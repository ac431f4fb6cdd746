import type { Sql, SqlDatabase } from '../sql/sql.ts'

/** The connections that work also while the database is held. */
export interface HeldDatabase<Tx extends Sql> {
  /** Opens them when they are needed first. After a failure, the next call tries again. */
  open(): Promise<SqlDatabase<Tx>>
  close(): Promise<void>
}

type Open<Tx extends Sql> = () => Promise<SqlDatabase<Tx> & { close(): Promise<void> }>

export function createHeldDatabase<Tx extends Sql>(openHeld: Open<Tx>): HeldDatabase<Tx> {
  let opened: ReturnType<typeof openHeld> | undefined
  return {
    open() {
      opened ??= openHeld().catch((error: unknown) => {
        opened = undefined
        throw error
      })
      return opened
    },
    async close() {
      await (await opened?.catch(() => undefined))?.close()
    },
  }
}
