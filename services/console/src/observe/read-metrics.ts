/** What a process told at /metrics: each sample with its labels. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const timeoutMs = 1_000

/** Reads the metrics of several processes; those that do not answer are left out. */
export async function readMetrics(targets: readonly string[]): Promise<Sample[]> {
  const texts = await Promise.all(
    targets.map((target) =>
      fetch(`http://${target}/metrics`, { signal: AbortSignal.timeout(timeoutMs) }).then(
        (response) => response.text(),
        // It is starting, stopping or gone: what it would tell is unknown.
        () => '',
      ),
    ),
  )
  return texts.flatMap(parseMetrics)
}

/** Reads Prometheus' text format, as far as gauges and counters need it. */
export function parseMetrics(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? []
    if (name === undefined || value === undefined) return []
    return [{ name, labels: parseLabels(labels), value: Number(value) }]
  })
}

function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]))
}
