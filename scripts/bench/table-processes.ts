import type { BrokerFigures } from './broker-figures.ts'
import { cpuMsPerCall, cpuMsPerCallByPart } from './cpu-by-part.ts'
import { idleCpuPercent, type Report, residentMb, spentByScenario } from './report.ts'
import { mapValues } from './round.ts'
import { mark, row } from './table-lines.ts'
import { targets } from './targets.ts'

/** Renders a row per process with its memory and CPU, and a column per scenario with the CPU of a call. */
export function renderProcesses(report: Report): string[] {
  const { nodeProcesses, idle, loads } = report
  const resident = residentMb(report)
  const idleCpu = idle ? idleCpuPercent(idle) : {}
  const byProcess = mapValues(loads, cpuMsPerCall)
  const byPart = mapValues(loads, cpuMsPerCallByPart)
  const scenarios = Object.keys(loads)
  const names = new Set([...Object.keys(resident), ...Object.values(byProcess).flatMap(Object.keys)])
  if (names.size === 0) return []
  const cell = (name: string, value: number | undefined, most: number): string => {
    if (value === undefined) return ''
    return `${value.toFixed(1)}${nodeProcesses?.has(name) ? ` ${mark(value <= most)}` : ''}`
  }
  const cpuOf = (figures: Record<string, Partial<Record<string, number>>>, name: string): string[] =>
    scenarios.map((scenario) => figures[scenario]?.[name]?.toFixed(2) ?? '')
  return [
    row('', ['idle %', 'MB', ...scenarios.map(() => ''), scenarios.length > 0 ? '  CPU ms a call' : '']),
    row('', ['', '', ...scenarios]),
    ...[...names].map((name) =>
      row(name, [
        cell(name, idleCpu[name], targets.idleCpuPercent),
        cell(name, resident[name], targets.residentMb),
        ...cpuOf(byProcess, name),
      ]),
    ),
    ...(scenarios.length > 0 ? parts.map((part) => row(`= ${part}`, ['', '', ...cpuOf(byPart, part)])) : []),
    `each Node process: at most ${targets.idleCpuPercent} % of a core when idle, at most ${targets.residentMb} MB resident; ` +
      'system: services, relays and brokers',
  ]
}

const parts = ['services', 'relays', 'brokers', 'system']

/** Renders the brokers' own metrics, with a column per scenario. */
export function renderBrokers(report: Report): string[] {
  const figures = Object.entries(spentByScenario(report)).flatMap(([scenario, { brokers }]) =>
    brokers ? [[scenario, brokers] as const] : [],
  )
  if (figures.length === 0) return []
  const kinds = new Set(figures.flatMap(([, { requestsPerSecond }]) => Object.keys(requestsPerSecond)))
  const shown = (name: string, figureOf: (brokers: BrokerFigures) => number, digits: number): string =>
    row(
      name,
      figures.map(([, brokers]) => figureOf(brokers).toFixed(digits)),
      brokersWidth,
    )
  const rate = (kind: string) => (brokers: BrokerFigures) => brokers.requestsPerSecond[kind] ?? 0
  return [
    row(
      'brokers, together',
      figures.map(([scenario]) => scenario),
      brokersWidth,
    ),
    ...[...kinds].map((kind) => shown(`${kind}/s`, rate(kind), 1)),
    shown('records an append', (brokers) => brokers.recordsPerAppend, 2),
    shown('partitions a Produce', (brokers) => brokers.partitionsPerProduce, 2),
    shown('CPU ms a request', (brokers) => brokers.cpuMsPerRequest, 2),
  ]
}

const brokersWidth = 32
