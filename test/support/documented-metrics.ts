import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { repositoryDir } from '../../scripts/platform/paths.ts'

/** A metric without the labels that every sample has, and without those of buckets. */
export interface Metric {
  readonly type: string
  readonly labels: readonly string[]
}

/**
 * The metrics in the table of docs/metrics.md, by name, with the kind of process that serves each.
 * test/metrics.test.ts compares them with what is served.
 */
export async function documentedMetrics(): Promise<ReadonlyMap<string, Metric & { readonly owner: string }>> {
  const markdown = await readFile(path.join(repositoryDir, 'docs/metrics.md'), 'utf8')
  const rows = [...markdown.matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*)\| (\w+) \| \S.* \|$/gm)]
  return new Map(
    rows.map(([, name = '', type = '', labels = '', owner = '']) => [
      name,
      { type, owner, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label) },
    ]),
  )
}
