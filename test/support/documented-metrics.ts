import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { repositoryDir } from '../../scripts/platform/paths.ts'

/** What one name stands for; the labels that every sample has, and those of buckets, are left out. */
export interface Metric {
  readonly type: string
  readonly labels: readonly string[]
}

/** The table of docs/metrics.md, which test/metrics.test.ts compares with what is served: by name, and of whom. */
export async function documentedMetrics(): Promise<ReadonlyMap<string, Metric & { readonly of: string }>> {
  const markdown = await readFile(path.join(repositoryDir, 'docs/metrics.md'), 'utf8')
  const rows = [...markdown.matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*)\| (\w+) \| \S.* \|$/gm)]
  return new Map(
    rows.map(([, name = '', type = '', labels = '', of = '']) => [
      name,
      { type, of, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label) },
    ]),
  )
}
