import { setTimeout as sleep } from 'node:timers/promises'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'
import { BenchError } from './bench-error.ts'

const pollMs = 100
const settleTimeoutMs = 60_000

/** Waits until every outbox is empty, so that all commits are published. @throws BenchError after a minute */
export async function outboxesEmpty(databaseUrls: readonly string[], signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + settleTimeoutMs
  for (const url of databaseUrls) {
    const client = new (clientOf({ url }, pg.Client))()
    await client.connect()
    try {
      for (let left = true; left; ) {
        const { rows } = await client.query<{ left: boolean }>('SELECT EXISTS (SELECT FROM outbox) AS "left"')
        left = rows[0]?.left ?? false
        if (!left) break
        if (Date.now() > deadline) throw new BenchError('The relays do not empty their outboxes.')
        await sleep(pollMs, undefined, { signal })
      }
    } finally {
      await client.end()
    }
  }
}
