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

/**
 * Reads the metrics of several processes; those that do not answer are left out.
 *
 * @param targets - `host:port` each. A name may stand for several processes, as a headless Service does for its pods: all are
 * asked
 */
export async function readMetrics(targets: readonly string[]): Promise<Sample[]> {
  const addresses = await Promise.all(targets.map(addressesOf))
  const samples = await Promise.all(
    addresses.flat().map((address) =>
      fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(timeoutMs) }).then(
        async (response) => parseMetrics(await response.text(), address),
        // It is starting, stopping or gone: what it would tell is unknown.
        () => [],
      ),
    ),
  )
  return samples.flat()
}

async function addressesOf(target: string): Promise<string[]> {
  const separator = target.lastIndexOf(':')
  const host = target.slice(0, separator).replace(/^\[|\]$/g, '')
  // A name that nobody has: none of its processes is there.
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
