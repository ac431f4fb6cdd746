import type { Counter, Gauge, Metrics } from '@boxoffice/common/telemetry/metrics.ts'
import { nextOffset } from './consumer-groups/decide-status.ts'
import type { ObservedGroup } from './consumer-groups/observe.ts'

export interface OperatorMetrics {
  readonly leading: Gauge
  readonly apiAnswers: Counter<'method' | 'code'>
  readonly reconciled: Counter<'kind' | 'result'>
  /** Shows the lag of the observed groups, and of no others. */
  showGroups(observed: readonly ObservedGroup[]): void
}

export function createOperatorMetrics(metrics: Metrics): OperatorMetrics {
  const lag = metrics.gauge({
    name: 'boxoffice_operator_group_lag',
    help: 'Records that a consumer group has not committed yet, by topic',
    labelNames: ['group', 'topic'],
  })
  const lagSeconds = metrics.gauge({
    name: 'boxoffice_operator_group_lag_seconds',
    help: 'For how long the oldest record that a consumer group has not committed has been in its topic; 0 without lag',
    labelNames: ['group'],
  })
  return {
    leading: metrics.gauge({
      name: 'boxoffice_operator_leading',
      help: '1 while this replica leads, 0 on standby',
    }),
    apiAnswers: metrics.counter({
      name: 'boxoffice_operator_api_answers_total',
      help: 'Answers of the Kubernetes API by method and HTTP status; status 0 is no answer',
      labelNames: ['method', 'code'],
    }),
    reconciled: metrics.counter({
      name: 'boxoffice_operator_reconciled_total',
      help: 'Rounds over all consumer groups, and steps of replays, by how they ended',
      labelNames: ['kind', 'result'],
    }),
    showGroups(observed) {
      lag.reset()
      lagSeconds.reset()
      for (const { group, oldestUnread } of observed) {
        for (const partition of group.partitions) {
          lag.inc(
            { group: group.groupId, topic: partition.topic },
            Math.max(0, Number(partition.end - nextOffset(partition))),
          )
        }
        const seconds = oldestUnread === undefined ? 0 : (Date.now() - oldestUnread.getTime()) / 1_000
        lagSeconds.set({ group: group.groupId }, Math.max(0, seconds))
      }
    },
  }
}
