import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { parse, stringify } from 'yaml'
import { repositoryDir } from '../../scripts/platform/paths.ts'
import { render, renderings, resourcesOf } from './charts.ts'
import { needs, outputOf } from './tool.ts'

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

describe('the alerts of the chart, in Prometheus', () => {
  needs('helm', 'promtool')
  const tests = path.join(repositoryDir, 'test/charts/alerts.promtool.yaml')
  let dir: string
  let rules: string
  let alerts: string[]

  before(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-alerts-'))
    rules = path.join(dir, 'alerts.yaml')
    const production = renderings.find(
      ({ chart, variant }) => chart === 'boxoffice' && variant === 'production',
    )
    if (production === undefined) throw new Error('there are no values for production')
    const rendered = resourcesOf(await render(production)).filter(({ kind }) => kind === 'PrometheusRule')
    const groups = rendered.flatMap(({ spec }) => spec.groups)
    alerts = groups.flatMap(({ rules }) => rules.map(({ alert }: { alert: string }) => alert))
    await writeFile(rules, stringify({ groups }))
    await copyFile(tests, path.join(dir, 'tests.yaml'))
  })
  after(async () => {
    if (dir !== undefined) await rm(dir, { recursive: true })
  })

  it('are rules that it takes', async () => {
    expect(await outputOf('promtool', 'check', 'rules', rules)).to.contain(`${alerts.length} rules found`)
  })

  it('fire when they must, and are silent when they must be', async () => {
    const output = await outputOf('promtool', 'test', 'rules', path.join(dir, 'tests.yaml'))
    expect(output).to.contain('SUCCESS')
  })

  it('have a test each in which they fire, and one in which they are silent', async () => {
    const { tests: cases } = parse(await readFile(tests, 'utf8'))
    const tried = cases.flatMap((one: { alert_rule_test: AlertTest[] }) => one.alert_rule_test) as AlertTest[]
    const named = (test: (one: AlertTest) => boolean) =>
      new Set(tried.filter(test).map(({ alertname }) => alertname))
    expect(alerts).to.have.length.above(10)
    expect([...named(({ exp_alerts }) => exp_alerts.length > 0)]).to.have.members(alerts)
    expect([...named(({ exp_alerts }) => exp_alerts.length === 0)]).to.have.members(alerts)
  })
})

interface AlertTest {
  readonly alertname: string
  readonly exp_alerts: readonly unknown[]
}

function metricsIn(expression: string): string[] {
  const names = expression.replaceAll(/\{[^}]*\}|"[^"]*"/g, '').match(/\b[a-z]+_[a-z0-9_]{6,}\b/g) ?? []
  return names
    .filter((name) => name !== 'histogram_quantile')
    .map((name) => name.replace(/_(bucket|sum|count)$/, ''))
}
