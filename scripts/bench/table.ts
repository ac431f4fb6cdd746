import { rushCallers } from './calls.ts'
import { warmUp } from './loads.ts'
import { otherCpuPercent, type Report } from './report.ts'
import { atLeast, atMost, line } from './table-lines.ts'
import { renderLoads } from './table-loads.ts'
import { renderBrokers, renderProcesses } from './table-processes.ts'
import { targets } from './targets.ts'
import { usersFor } from './users.ts'

/** Renders the figures for people, each beside its target. */
export function renderTable(report: Report): string {
  return [
    renderLoads(report),
    [...renderConsole(report), ...renderTelemetry(report)],
    renderProcesses(report),
    renderBrokers(report),
    renderCircumstances(report),
  ]
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')
}

function renderConsole({ options, page, streams }: Report): string[] {
  const lines: string[] = []
  if (page) {
    const { p50, p99, max } = page.paintedMs
    const what = `commit to painted at ${options.rate} checkouts/s: p50`
    lines.push(
      line(what, `${p50.toFixed(1)} ms`),
      line('p99'.padStart(what.length), `${p99.toFixed(1)} ms`, atMost(p99, targets.paintedP99Ms, 'ms')),
      line('max'.padStart(what.length), `${max.toFixed(1)} ms`),
    )
  }
  if (streams) {
    const { eventsPerSecond, residentMb, growthPercent, sentMb } = streams
    lines.push(
      line(
        `${streams.streams} streams, ${sentMb.toFixed(0)} MB`,
        `${eventsPerSecond.toFixed(0)} events/s`,
        atLeast(eventsPerSecond, targets.streamEventsPerSecond, ' events/s'),
      ),
      line(
        `resident in the fifth and in the tenth minute`,
        `${residentMb.early.toFixed(0)}, ${residentMb.late.toFixed(0)} MB`,
        `${atMost(growthPercent, targets.streamGrowthPercent, '%')} more`,
      ),
    )
  }
  return lines
}

function renderTelemetry({ telemetry }: Report): string[] {
  if (!telemetry) return []
  const { off, on, costPercent, cpuMsPerCheckout } = telemetry
  const rounds = (figures: readonly number[]): string => figures.map((figure) => figure.toFixed(0)).join(', ')
  return [
    line('checkouts/s without telemetry', rounds(off)),
    line('            with traces exported, metrics scraped', rounds(on)),
    line(
      'of the throughput',
      `${costPercent.toFixed(1)} %`,
      atMost(costPercent, targets.telemetryPercent, '%'),
    ),
    line(
      'CPU of services and relays a checkout',
      `${cpuMsPerCheckout.off.toFixed(2)}, ${cpuMsPerCheckout.on.toFixed(2)} ms`,
    ),
  ]
}

function renderCircumstances(report: Report): string[] {
  const { commit, loadAverage, loads, options } = report
  const others = Object.entries(otherCpuPercent(report))
  return [
    `commit ${commit}; load average before: ${loadAverage.join(', ')}`,
    `other processes of the machine used at the same time, of a core: ${others
      .map(([name, percent]) => `${name} ${percent.toFixed(0)} %`)
      .join(', ')}`,
    ...(Object.keys(loads).some((name) => name !== 'relay')
      ? [
          `warm-up before the services' scenarios: ${warmUp.checkouts} checkouts, not counted`,
          `users: rate and full one for each checkout; burst, holds and charges ${usersFor(options.checkouts)}; rush ${rushCallers}. ` +
            'Limits per user are not raised.',
        ]
      : []),
  ]
}
