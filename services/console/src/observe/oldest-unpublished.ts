import type { Sample } from './read-metrics.ts'

/**
 * The age of a service's oldest unpublished message in seconds, as its active relay reports it. A relay on standby
 * does not measure, and reports 0. Null while no active relay answers: it cannot be reached, or none has taken over.
 */
export function oldestUnpublishedSeconds(samples: readonly Sample[], service: string): number | null {
  const samplesOf = (name: string) =>
    samples.filter((sample) => sample.name === name && sample.labels.service?.endsWith(service))
  const active = new Set(
    samplesOf('outbox_relay_active')
      .filter(({ value }) => value === 1)
      .map(({ instance }) => instance),
  )
  const ages = samplesOf('outbox_relay_oldest_unpublished_age_seconds')
    .filter(({ instance }) => active.has(instance))
    .map(({ value }) => value)
  // While one relay takes over from another, both may report that they are active.
  return ages.length === 0 ? null : Math.max(...ages)
}
