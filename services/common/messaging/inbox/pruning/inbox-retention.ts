import type { TopicRetention } from '@boxoffice/kafka'

const dayMs = 86_400_000

/** The inbox would forget messages that Kafka can still deliver again: they would be handled twice. */
export class InboxRetentionError extends Error {
  override readonly name = 'InboxRetentionError'
  readonly code = 'INBOX_RETENTION_TOO_SHORT'
}

/**
 * The time for which the inbox keeps the id of a handled message: as long as any topic may deliver it again. That is
 * `retention.ms` and `segment.ms`, and a day for clocks; it is for ever if a topic keeps its records for ever.
 *
 * @param configuredMs - the configured time; undefined for just as long as is needed
 * @throws InboxRetentionError if the configured time is too short
 */
export function inboxRetentionMs(
  topics: readonly TopicRetention[],
  configuredMs: number | undefined,
): number {
  const needed = topics.map((topic) => ({ ...topic, ms: topic.retentionMs + topic.segmentMs + dayMs }))
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
