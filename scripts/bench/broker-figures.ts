import type { BrokerCounts } from './broker-metrics.ts'

/** The work of all brokers together during a measurement. */
export interface BrokerFigures {
  readonly requestsPerSecond: Readonly<Record<string, number>>
  /** The mean number of records that a produce request appends to one partition. */
  readonly recordsPerAppend: number
  readonly partitionsPerProduce: number
  readonly cpuMsPerRequest: number
}

/**
 * Computes the figures from two readings and the CPU that the brokers used in between. Without counts a figure is 0.
 */
export function brokerFigures(
  before: BrokerCounts,
  after: BrokerCounts,
  { seconds, cpuSeconds }: { readonly seconds: number; readonly cpuSeconds: number },
): BrokerFigures {
  const requests = Object.entries(after.requests)
    .map(([kind, count]) => [kind, count - (before.requests[kind] ?? 0)] as const)
    .filter(([, count]) => count > 0)
  const appends = after.appends - before.appends
  const produced = requests.find(([kind]) => kind === 'Produce')?.[1] ?? 0
  const total = requests.reduce((sum, [, count]) => sum + count, 0)
  return {
    requestsPerSecond: Object.fromEntries(requests.map(([kind, count]) => [kind, count / seconds])),
    recordsPerAppend: per(after.records - before.records, appends),
    partitionsPerProduce: per(appends, produced),
    cpuMsPerRequest: per(1000 * cpuSeconds, total),
  }
}

function per(amount: number, count: number): number {
  return count === 0 ? 0 : amount / count
}
