import type { Logger } from '@boxoffice/kafka'
import type { Metrics } from './metrics.ts'

/** The log of a process that gives none: nothing is logged. */
export const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** The metrics of a process that gives none: nothing is counted. */
export const noMetrics: Metrics = {
  counter: () => ({ inc() {} }),
  gauge: () => ({ set() {}, reset() {} }),
  histogram: () => ({ observe() {}, zero() {} }),
}
