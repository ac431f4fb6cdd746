import type { Metrics } from '../telemetry/metrics.ts'
import type { Bound, CallClass } from './refusal.ts'

/** Counts the decisions of admission. */
export interface AdmissionMeter {
  admitted(callClass: CallClass): void
  refused(bound: Bound, callClass: CallClass | 'connection'): void
}

const callClasses: readonly CallClass[] = ['call', 'stream', 'anonymous_call', 'anonymous_stream']

export function createAdmissionMeter(
  metrics: Metrics,
  now: {
    inFlight(callClass: CallClass): number
    waiting(): number
    unreadBytes(): number
    connections(): number
  },
): AdmissionMeter {
  const admitted = metrics.counter({
    name: 'boxoffice_admission_admitted_total',
    help: 'Calls that were let in',
    labelNames: ['class'],
  })
  const refused = metrics.counter({
    name: 'boxoffice_admission_refused_total',
    help: 'Calls and connections that were not let in, by the bound that they ran into',
    labelNames: ['bound', 'class'],
  })
  metrics.gauge({
    name: 'boxoffice_admission_in_flight',
    help: 'Calls that have a place: not yet answered, or still working for a caller who has left',
    labelNames: ['class'],
    collect() {
      for (const callClass of callClasses) this.set({ class: callClass }, now.inFlight(callClass))
    },
  })
  metrics.gauge({
    name: 'boxoffice_admission_waiting',
    help: 'Calls in flight that wait for their turn',
    collect() {
      this.set(now.waiting())
    },
  })
  metrics.gauge({
    name: 'boxoffice_admission_unread_bytes',
    help: 'Bytes of answers and events that their readers have not taken yet',
    collect() {
      this.set(now.unreadBytes())
    },
  })
  metrics.gauge({
    name: 'boxoffice_admission_connections',
    help: 'Open connections of callers',
    collect() {
      this.set(now.connections())
    },
  })
  const admittedOf = new Map(callClasses.map((callClass) => [callClass, admitted.labels(callClass)]))
  return {
    admitted: (callClass) => admittedOf.get(callClass)?.inc(),
    refused: (bound, callClass) => refused.inc({ bound, class: callClass }),
  }
}
