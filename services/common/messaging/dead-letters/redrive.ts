import type { HandlingParts } from '../inbox/handling/handle-messages.ts'
import { createDecode } from '../message/decode.ts'
import type { Sql } from '../sql/sql.ts'
import { countPutAside, type OrderingKey, orderingKeyName } from './dead-letter-rows.ts'
import { redriveKey } from './redrive-key.ts'
import { countRedriven, readRedrive } from './redrive-rows.ts'
import { failedOrderingKeys, type RedriveSelection, selectOrderingKeys } from './redrive-selection.ts'

/** What it takes to handle messages again. */
export type RedriveParts = Omit<HandlingParts, 'decode'>

export interface RedriveRequest {
  readonly redriveId: string
  readonly subject: string
  readonly selection: RedriveSelection
  /** No further key is begun once as many messages are handled. */
  readonly messagesMax: number
  readonly signal: AbortSignal
}

/** What a redrive has done, and what is left. */
export interface RedriveSummary {
  readonly subject: string
  readonly createdAt: Date
  readonly redriven: number
  /** Keys that a message failed of again. */
  readonly failed: number
  readonly remaining: number
  /** The first of them. */
  readonly failures: readonly {
    readonly deadLetterId: string
    readonly error: string
    readonly remaining: number
  }[]
}

const failuresShownMax = 100

/**
 * Handles the selected messages again, key by key. What it has done is in the histories of the dead letters, so that a call which was
 * interrupted anywhere is continued by the same call.
 *
 * @returns the keys that it took on
 */
export async function redrive(
  parts: RedriveParts,
  { redriveId, subject, selection, messagesMax, signal }: RedriveRequest,
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

/** Sums a redrive up, also what earlier calls of it have done. */
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
    subject,
    createdAt,
    redriven: await countRedriven(sql, redriveId),
    failed: failed.length,
    remaining: await countPutAside(sql, consumer, [...all.values()]),
    failures,
  }
}
