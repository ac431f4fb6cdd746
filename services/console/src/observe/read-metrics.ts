import { lookup } from 'node:dns/promises'

/** A sample that a process reports at /metrics. */
export interface Sample {
  /** The process, as `host:port`. */
  readonly instance: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const timeoutMs = 1_000

/** Reads the metrics of the process at `instance`; returns nothing if it does not answer within a second. */
export async function readMetrics(instance: string): Promise<Sample[]> {
  try {
    const response = await fetch(`http://${instance}/metrics`, { signal: AbortSignal.timeout(timeoutMs) })
    return parseMetrics(await response.text(), instance)
  } catch {
    // The process is starting, stopping or gone: its metrics are unknown.
    return []
  }
}

/** Resolves a target, `host:port`, to processes: one for each address of the host; none if the name does not exist. */
export async function addressesOf(target: string): Promise<string[]> {
  const separator = target.lastIndexOf(':')
  const host = target.slice(0, separator).replace(/^\[|\]$/g, '')
  const found = await lookup(host, { all: true }).catch(() => [])
  const port = target.slice(separator + 1)
  return found.map(({ address, family }) => `${family === 6 ? `[${address}]` : address}:${port}`)
}

/** Parses Prometheus' text format, as far as numbers and labels need it. */
export function parseMetrics(text: string, instance: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? []
    if (name === undefined || value === undefined) return []
    return [{ instance, name, labels: parseLabels(labels), value: Number(value) }]
  })
}

function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]))
}
