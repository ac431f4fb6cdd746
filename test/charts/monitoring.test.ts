import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { repositoryDir } from '../../scripts/platform/paths.ts'
import { outputOf } from './tool.ts'

const filesDir = path.join(repositoryDir, 'charts/boxoffice/files')

/** Node's and the process's own, and what Strimzi's Kafka exporter and Prometheus add. */
const foreign = /^(process_|nodejs_|kafka_consumergroup_)/

describe('alerts and dashboards', () => {
  let known: Set<string>

  before(async () => {
    const sources = await outputOf('git', 'grep', '--no-color', '-hE', "name: '[a-z_]+'", '--', 'services')
    known = new Set([...sources.matchAll(/name: '([a-z_]+)'/g)].map(([, name]) => name ?? ''))
  })

  it('ask only for metrics that a process has', async () => {
    const { groups } = parse(await readFile(path.join(filesDir, 'alerts.yaml'), 'utf8'))
    const alerts = groups.flatMap(({ rules }: { rules: { expr: string }[] }) => rules.map(({ expr }) => expr))
    const { panels } = JSON.parse(await readFile(path.join(filesDir, 'dashboard.json'), 'utf8'))
    const queries = panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) =>
      targets.map(({ expr }) => expr),
    )
    expect(alerts).to.have.length.above(5)
    expect(queries).to.have.length.above(15)
    for (const expression of [...alerts, ...queries]) {
      for (const metric of metricsIn(expression)) {
        expect(known.has(metric) || foreign.test(metric), `${metric} in: ${expression}`).to.equal(true)
      }
    }
  })

  it('lead to a section of the handbook', async () => {
    const handbook = await readFile(path.join(repositoryDir, 'docs/operations.md'), 'utf8')
    const anchors = [...handbook.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    )
    const { groups } = parse(await readFile(path.join(filesDir, 'alerts.yaml'), 'utf8'))
    for (const { alert, annotations } of groups[0].rules) {
      const [file, anchor] = annotations.runbook.split('#')
      expect(file, alert).to.equal('docs/operations.md')
      expect(anchors, alert).to.include(anchor)
    }
  })
})

function metricsIn(expression: string): string[] {
  const names = expression.replaceAll(/\{[^}]*\}|"[^"]*"/g, '').match(/\b[a-z]+_[a-z0-9_]{6,}\b/g) ?? []
  return names
    .filter((name) => name !== 'histogram_quantile')
    .map((name) => name.replace(/_(bucket|sum|count)$/, ''))
}
