import type { Measurement } from './closed-loop.ts'

/** A group of processes of the same kind. */
export type Part = 'services' | 'relays' | 'brokers' | 'postgres' | 'bench'

/** Milliseconds of CPU that a call cost each process. */
export function cpuMsPerCall({ spent, calls }: Measurement): Record<string, number> {
  return Object.fromEntries(
    Object.entries(spent.cpuSeconds).map(([name, seconds]) => [name, (seconds * 1000) / calls]),
  )
}

/**
 * The milliseconds of CPU per call of each part. `system` is services, relays and brokers together, without PostgreSQL
 * and the caller, because that is what other saga engines report.
 */
export function cpuMsPerCallByPart(measurement: Measurement): Partial<Record<Part | 'system', number>> {
  const parts: Partial<Record<Part | 'system', number>> = {}
  for (const [name, ms] of Object.entries(cpuMsPerCall(measurement))) {
    const part = partOf(name)
    parts[part] = (parts[part] ?? 0) + ms
    if (part !== 'postgres' && part !== 'bench') parts.system = (parts.system ?? 0) + ms
  }
  return parts
}

function partOf(process: string): Part {
  if (process === 'postgres' || process === 'bench') return process
  if (process.startsWith('kafka-')) return 'brokers'
  return process.startsWith('relay-') ? 'relays' : 'services'
}
