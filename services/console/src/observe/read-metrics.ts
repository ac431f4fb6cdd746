import { lookup } from 'node:dns/promises'

/** What a process told at /metrics: each sample with its labels. */
export interface Sample {
  /** The process, as `host:port`. */
  readonly instance: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const timeoutMs = 1_000

/** What the process at `instance` tells; nothing if it does not answer soon. */
export async function readMetrics(instance: string): Promise<Sample[]> {
  try {
    const response = await fetch(`http://${instance}/metrics`, { signal: AbortSignal.timeout(timeoutMs) })
    return parseMetrics(await response.text(), instance)
  } catch {
    // It is starting, stopping or gone: what it would tell is unknown.
    return []
  }
}

/** The processes that a target, `host:port`, stands for: one for each address of the host; none if nobody has the name. */
export async function addressesOf(target: string): Promise<string[]> {
  const separator = target.lastIndexOf(':')
  const host = target.slice(0, separator).replace(/^\[|\]$/g, '')
  const found = await lookup(host, { all: true }).catch(() => [])
  const port = target.slice(separator + 1)
  return found.map(({ address, family }) => `${family === 6 ? `[${address}]` : address}:${port}`)
}

/** Reads Prometheus' text format, as far as numbers and labels need it. */
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
