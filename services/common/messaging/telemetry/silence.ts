import type { Logger } from '@boxoffice/kafka'
import type { Metrics } from './metrics.ts'

/** Where a process gives no log, nothing is written. */
export const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Where a process gives no metrics, nothing is counted. */
export const noMetrics: Metrics = {
  counter: () => ({ inc() {} }),
  gauge: () => ({ set() {}, reset() {} }),
  histogram: () => ({ observe() {}, zero() {} }),
}
