import type { TopicRetention } from '@boxoffice/kafka'

const dayMs = 86_400_000

/** The inbox would forget messages that can still be read again: they would be handled twice. */
export class InboxRetentionError extends Error {
  override readonly name = 'InboxRetentionError'
  readonly code = 'INBOX_RETENTION_TOO_SHORT'
}

/**
 * How long the inbox keeps the id of a message after it was handled: for as long as any topic may still bring it, which is
 * its `retention.ms` and `segment.ms`, and a day for clocks; for ever where a topic keeps its records for ever.
 *
 * @param configuredMs - what was asked for; undefined for just as long as it has to be
 * @throws InboxRetentionError if less was asked for
 */
export function inboxRetentionMs(
  topics: readonly TopicRetention[],
  configuredMs: number | undefined,
): number {
  const needed = topics.map((one) => ({ ...one, ms: one.retentionMs + one.segmentMs + dayMs }))
  const neededMs = Math.max(0, ...needed.map(({ ms }) => ms))
  if (configuredMs === undefined || configuredMs >= neededMs) return configuredMs ?? neededMs
  const short = needed.filter(({ ms }) => ms > configuredMs).map(({ topic, ms }) => `${topic} ${inWords(ms)}`)
  throw new InboxRetentionError(
    `INBOX_RETENTION_MS is ${inWords(configuredMs)}, which is less than the topics need ` +
      `(retention.ms + segment.ms + 1 day): ${short.join(', ')}. Raise it, or leave it out.`,
  )
}

function inWords(ms: number): string {
  return Number.isFinite(ms) ? `${ms} ms (${(ms / dayMs).toFixed(1)} days)` : 'for ever'
}
