import { cpuMsPerCheckout, idleCpuPercent, type Report, residentMb } from './report.ts'
import { warmUp } from './services.ts'

/** What issue and README promise on a machine of two cores. */
const targets = {
  rateP50Ms: 60,
  rateP99Ms: 150,
  checkoutsPerSecond: 300,
  idleCpuPercent: 3,
  residentMb: 180,
  relayRowsPerSecond: 2_000,
  relayP50Ms: 15,
  paintedP99Ms: 300,
  streamEventsPerSecond: 100,
  streamGrowthPercent: 2,
  telemetryPercent: 10,
}

/** The figures for people, each beside what it must reach. */
export function renderTable(report: Report): string {
  return [...renderFigures(report), '', ...renderProcesses(report), '', ...renderCircumstances(report)].join(
    '\n',
  )
}

function renderFigures(report: Report): string[] {
  return [
    ...renderCheckouts(report),
    ...renderRelay(report),
    ...renderConsole(report),
    ...renderTelemetry(report),
  ]
}

function renderCheckouts({ options, rate, full }: Report): string[] {
  const lines: string[] = []
  if (rate) {
    const { p50, p99, max } = rate.latencyMs
    const offered = `${options.rate} checkouts/s for ${options.seconds} s`
    lines.push(
      line(`${offered}: p50`, `${p50.toFixed(1)} ms`, atMost(p50, targets.rateP50Ms, 'ms')),
      line(
        `${' '.repeat(offered.length)}  p99`,
        `${p99.toFixed(1)} ms`,
        atMost(p99, targets.rateP99Ms, 'ms'),
      ),
      line(`${' '.repeat(offered.length)}  max`, `${max.toFixed(1)} ms`),
    )
  }
  if (full) {
    const perSecond = options.checkouts / full.seconds
    const what = `${options.callers} callers, ${options.checkouts} checkouts`
    lines.push(
      line(what, `${perSecond.toFixed(0)}/s`, atLeast(perSecond, targets.checkoutsPerSecond, '/s')),
      line(`${' '.repeat(what.length)}  p50`, `${full.latencyMs.p50.toFixed(0)} ms`),
      line(`${' '.repeat(what.length)}  p99`, `${full.latencyMs.p99.toFixed(0)} ms`),
    )
  }
  return lines
}

function renderRelay({ relay }: Report): string[] {
  if (!relay) return []
  const { rowsPerSecond, p50Ms, p99Ms } = relay.figures
  return [
    line(
      'one relay, eight writers',
      `${rowsPerSecond.toFixed(0)} rows/s`,
      atLeast(rowsPerSecond, targets.relayRowsPerSecond, ' rows/s'),
    ),
    line(
      'one relay at 300 rows/s, commit to consumed: p50',
      `${p50Ms.toFixed(1)} ms`,
      atMost(p50Ms, targets.relayP50Ms, 'ms'),
    ),
    line('                                             p99', `${p99Ms.toFixed(1)} ms`),
  ]
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
  const rounds = (figures: readonly number[]): string => figures.map((one) => one.toFixed(0)).join(', ')
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

function renderProcesses({ options, nodeProcesses, idle, rate, full, page, streams }: Report): string[] {
  const resident = residentMb([idle, rate?.spent, full?.spent, page?.spent, streams?.spent])
  const idleCpu = idle ? idleCpuPercent(idle) : {}
  const cpu = full ? cpuMsPerCheckout(full.spent, options.checkouts) : {}
  const names = Object.keys(resident)
  if (names.length === 0) return []
  const cell = (value: number | undefined, unit: string, verdict: string): string =>
    (value === undefined ? '' : `${value.toFixed(1)} ${unit} ${verdict}`).padStart(14)
  const verdict = (name: string, value: number | undefined, most: number): string =>
    nodeProcesses?.has(name) && value !== undefined ? mark(value <= most) : ' '
  const sum = Object.values(cpu).reduce((total, one) => total + one, 0)
  return [
    `${''.padEnd(18)}${'idle CPU'.padStart(12)}  ${'resident'.padStart(12)}  ${'CPU a checkout'.padStart(14)}`,
    ...names.map((name) =>
      [
        name.padEnd(16),
        cell(idleCpu[name], '%', verdict(name, idleCpu[name], targets.idleCpuPercent)),
        cell(resident[name], 'MB', verdict(name, resident[name], targets.residentMb)),
        cell(cpu[name], 'ms', ''),
      ].join(''),
    ),
    ...(full ? [`${'together'.padEnd(16)}${''.padStart(28)}${cell(sum, 'ms', '')}`] : []),
    `each Node process: at most ${targets.idleCpuPercent} % of a core when idle, at most ${targets.residentMb} MB resident`,
  ]
}

function renderCircumstances({
  commit,
  loadAverage,
  idle,
  rate,
  full,
  relay,
  page,
  streams,
}: Report): string[] {
  const others = Object.entries({
    idle: idle?.otherCpuPercent,
    rate: rate?.spent.otherCpuPercent,
    full: full?.spent.otherCpuPercent,
    relay: relay?.otherCpuPercent,
    page: page?.spent.otherCpuPercent,
    streams: streams?.spent.otherCpuPercent,
  }).filter((entry): entry is [string, number] => entry[1] !== undefined)
  return [
    `commit ${commit}; load average before: ${loadAverage.join(', ')}`,
    `the machine's other processes used meanwhile, of a core: ${others
      .map(([name, percent]) => `${name} ${percent.toFixed(0)} %`)
      .join(', ')}`,
    ...(rate || full ? [`warm-up before rate and full: ${warmUp.checkouts} checkouts, not counted`] : []),
  ]
}

function line(what: string, measured: string, verdict = ''): string {
  return `${what.padEnd(50)}${measured.padStart(14)}   ${verdict}`.trimEnd()
}

function atMost(value: number, most: number, unit: string): string {
  return `${mark(value <= most)} at most ${most} ${unit}`
}

function atLeast(value: number, least: number, unit: string): string {
  return `${mark(value >= least)} at least ${least}${unit}`
}

function mark(reached: boolean): string {
  return reached ? '✔' : '✘'
}
