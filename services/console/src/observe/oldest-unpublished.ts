import type { Sample } from './read-metrics.ts'

/**
 * The age of a service's oldest unpublished message in seconds, as its active relay tells it. A relay on standby has not
 * measured, and says 0. Null while no relay that answers is active: the one that is cannot be reached, or none has taken over.
 */
export function oldestUnpublishedSeconds(samples: readonly Sample[], service: string): number | null {
  const told = (name: string) =>
    samples.filter((sample) => sample.name === name && sample.labels.service?.endsWith(service))
  const active = new Set(
    told('outbox_relay_active')
      .filter(({ value }) => value === 1)
      .map(({ instance }) => instance),
  )
  const ages = told('outbox_relay_oldest_unpublished_age_seconds')
    .filter(({ instance }) => active.has(instance))
    .map(({ value }) => value)
  // While one takes over from another, both may say that they are.
  return ages.length === 0 ? null : Math.max(...ages)
}
