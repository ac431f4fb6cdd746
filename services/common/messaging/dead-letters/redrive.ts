import type { HandlingParts } from '../inbox/handling/handle-messages.ts'
import { createDecode } from '../message/decode.ts'
import type { Sql } from '../sql/sql.ts'
import { countPutAside, type OrderingKey, orderingKeyName } from './dead-letter-rows.ts'
import { redriveKey } from './redrive-key.ts'
import { countRedriven, readRedrive } from './redrive-rows.ts'
import { failedOrderingKeys, type RedriveSelection, selectOrderingKeys } from './redrive-selection.ts'

interface Redrive {
  readonly redriveId: string
  readonly subject: string
  readonly selection: RedriveSelection
  /** No further key is begun once as many messages are handled. */
  readonly messagesMax: number
  readonly signal: AbortSignal
}

/** What a redrive has done, and what is left. */
export interface RedriveSummary {
  readonly redriveId: string
  readonly subject: string
  readonly createdAt: Date
  readonly redriven: number
  /** The number of keys that stopped at a message which failed again. */
  readonly failed: number
  /** The number of messages of the selected keys that are still put aside. */
  readonly remaining: number
  /** The first 100 of the messages that failed again. */
  readonly failures: readonly {
    readonly deadLetterId: string
    readonly error: string
    readonly remaining: number
  }[]
}

const failuresShownMax = 100

/**
 * Handles the selected messages again, key by key. What it has done is in the histories of the dead letters, so the
 * same call continues one that was interrupted anywhere.
 *
 * @returns the keys that were selected
 */
export async function redrive(
  parts: Omit<HandlingParts, 'decode'>,
  { redriveId, subject, selection, messagesMax, signal }: Redrive,
): Promise<readonly OrderingKey[]> {
  const work = { ...parts, decode: createDecode(parts.handler.codec) }
  const begun = await parts.database.transaction(async (sql) => ({
    orderingKeys: await selectOrderingKeys(sql, parts.consumer, selection),
    failed: await failedOrderingKeys(sql, redriveId),
    handled: await countRedriven(sql, redriveId),
  }))
  const { orderingKeys } = begun
  const failedBefore = new Set(begun.failed.map(({ orderingKey }) => orderingKeyName(orderingKey)))
  let { handled } = begun
  for (const orderingKey of orderingKeys) {
    if (handled >= messagesMax) break
    if (failedBefore.has(orderingKeyName(orderingKey))) continue
    handled += (await redriveKey(work, orderingKey, { subject, redriveId }, signal)).handled
  }
  return orderingKeys
}

/** Sums a redrive up, including what earlier calls of it have done. */
export async function summarizeRedrive(
  sql: Sql,
  consumer: string,
  redriveId: string,
  orderingKeys: readonly OrderingKey[],
): Promise<RedriveSummary> {
  const { subject, createdAt } = await readRedrive(sql, redriveId)
  const failed = await failedOrderingKeys(sql, redriveId)
  const failures = []
  for (const { orderingKey, deadLetterId, error } of failed.slice(0, failuresShownMax)) {
    const remaining = await countPutAside(sql, consumer, [orderingKey])
    failures.push({ deadLetterId, error, remaining })
  }
  const touched = [...orderingKeys, ...failed.map(({ orderingKey }) => orderingKey)]
  const all = new Map(touched.map((orderingKey) => [orderingKeyName(orderingKey), orderingKey]))
  return {
    redriveId,
    subject,
    createdAt,
    redriven: await countRedriven(sql, redriveId),
    failed: failed.length,
    remaining: await countPutAside(sql, consumer, [...all.values()]),
    failures,
  }
}
