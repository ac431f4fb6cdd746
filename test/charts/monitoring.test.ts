import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { parse, stringify } from 'yaml'
import { repositoryDir } from '../../scripts/platform/paths.ts'
import { documentedMetrics } from '../support/documented-metrics.ts'
import { chartValues, render, renderings, resourcesOf } from './charts.ts'
import { labelsGroupedBy, selectorsIn } from './promql.ts'
import { needs, outputOf } from './tool.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly annotations: Readonly<Record<string, string>>
}

interface Panel {
  readonly id: number
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string }[]
}

describe('alerts and dashboards', () => {
  needs('helm')
  let rules: readonly Rule[]
  let panels: readonly Panel[]
  let queries: readonly string[]

  before(async () => {
    rules = (await renderGroups()).flatMap((group) => group.rules)
    const dashboard = path.join(repositoryDir, 'charts/boxoffice/files/dashboard.json')
    panels = JSON.parse(await readFile(dashboard, 'utf8')).panels
    queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    expect(rules).to.have.length.above(5)
    expect(queries).to.have.length.above(15)
  })

  it('query only metrics that a process serves, by labels that they have', async () => {
    const documented = await documentedMetrics()
    for (const expression of [...rules.map(({ expr }) => expr), ...queries]) {
      const grouped = new Set(labelsGroupedBy(expression))
      for (const { metric, labels } of selectorsIn(expression)) {
        const name = documented.has(metric) ? metric : metric.replace(/_(bucket|sum|count)$/, '')
        const own = foreign.get(metric) ?? documented.get(name)?.labels
        expect(own, `${metric} in: ${expression}`).to.not.equal(undefined)
        const known = [...(own ?? []), ...everywhere]
        expect(known, expression).to.include.members(labels)
        for (const label of known) grouped.delete(label)
      }
      expect([...grouped], `labels that nothing has, in: ${expression}`).to.deep.equal([])
    }
  })

  it('query one namespace, as Prometheus may watch several', () => {
    for (const { expr } of rules) {
      for (const { matchers } of selectorsIn(expr)) expect(matchers, expr).to.match(/^namespace="boxoffice"/)
    }
    for (const query of queries) {
      for (const { matchers } of selectorsIn(query))
        expect(matchers, query).to.match(/^namespace="\$namespace"/)
    }
  })

  it('show the memory, processor time and event loop of every process', async () => {
    const { services } = await chartValues()
    const operator = await readFile(path.join(repositoryDir, 'services/operator/src/main.ts'), 'utf8')
    const processes = [
      ...Object.keys(services),
      ...Object.keys(services).flatMap((name) =>
        services[name].kafka.relayUser ? `outbox-relay-${name}` : [],
      ),
      operator.match(/^const name = '(.+)'$/m)?.[1] ?? 'the operator',
    ]
    const patterns = queries
      .filter((query) => /\b(process|nodejs)_/.test(query))
      .map((query) => query.match(/service=~"([^"]+)"/)?.[1] ?? '')
    expect(patterns).to.have.lengthOf(3)
    for (const pattern of patterns) {
      for (const name of processes) expect(name).to.match(new RegExp(`^(${pattern})$`))
    }
  })

  it('have panels that do not overlap', () => {
    const squares = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)}/${y + Math.floor(i / w)}`),
    )
    expect(new Set(squares).size).to.equal(squares.length)
    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length)
  })

  it('notice when any installed service or relay is missing in the namespace of the release', async () => {
    const groups = await renderGroups('--namespace', 'staging', '--set', 'services.console=null')
    const smaller = groups.flatMap((group) => group.rules)
    const asked = (groupRules: readonly Rule[], name: string) =>
      selectorsIn(groupRules.find(({ alert }) => alert === name)?.expr ?? '').map(({ matchers }) => matchers)
    const services = ['payment', 'point', 'reservation']
    expect(asked(smaller, 'BoxofficeServiceMissing')).to.have.members(
      services.map((service) => `namespace="staging", consumer="${service}"`),
    )
    expect(asked(rules, 'BoxofficeServiceMissing')).to.have.members(
      [...services, 'console'].map((service) => `namespace="boxoffice", consumer="${service}"`),
    )
    expect(asked(smaller, 'BoxofficeRelayMissing')).to.have.members([
      'namespace="staging"',
      ...services.map((service) => `namespace="staging", service="outbox-relay-${service}"`),
    ])
  })

  it('lead to a section of the handbook each, which has the name of the alert', async () => {
    const page = 'docs/operations/alerts.md'
    const handbook = await readFile(path.join(repositoryDir, page), 'utf8')
    const titles = [...handbook.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title)
    expect(titles).to.have.members(rules.map(({ alert }) => alert))
    for (const { alert, annotations } of rules)
      expect(annotations.runbook).to.equal(`${page}#${alert.toLowerCase()}`)
  })
})

describe('the alerts of the chart, in Prometheus', () => {
  needs('helm', 'promtool')
  const tests = path.join(repositoryDir, 'test/charts/alerts.promtool.yaml')
  let dir: string
  let file: string
  let alerts: string[]

  before(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-alerts-'))
    file = path.join(dir, 'alerts.yaml')
    const groups = await renderGroups()
    alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert))
    await writeFile(file, stringify({ groups }))
    await copyFile(tests, path.join(dir, 'tests.yaml'))
  })
  after(async () => {
    if (dir !== undefined) await rm(dir, { recursive: true })
  })

  it('are rules that Prometheus accepts', async () => {
    expect(await outputOf('promtool', 'check', 'rules', file)).to.contain(`${alerts.length} rules found`)
  })

  it('fire when they must, and only then', async () => {
    const output = await outputOf('promtool', 'test', 'rules', path.join(dir, 'tests.yaml'))
    expect(output).to.contain('SUCCESS')
  })

  it('each have a test in which they fire, and one in which they do not', async () => {
    const { tests: cases } = parse(await readFile(tests, 'utf8'))
    const tried = cases.flatMap(
      (group: { alert_rule_test: AlertTest[] }) => group.alert_rule_test,
    ) as AlertTest[]
    const named = (matches: (test: AlertTest) => boolean) =>
      new Set(tried.filter(matches).map(({ alertname }) => alertname))
    expect(alerts).to.have.length.above(10)
    expect([...named(({ exp_alerts }) => exp_alerts.length > 0)]).to.have.members(alerts)
    expect([...named(({ exp_alerts }) => exp_alerts.length === 0)]).to.have.members(alerts)
  })
})

interface AlertTest {
  readonly alertname: string
  readonly exp_alerts: readonly unknown[]
}

/** The metrics of Strimzi's Kafka exporter, with their labels. */
const foreign: ReadonlyMap<string, readonly string[]> = new Map([
  ['kafka_consumergroup_lag', ['consumergroup', 'topic', 'partition']],
])

/** The labels of every sample: those of its process, of a PodMonitor, and of a bucket. */
const everywhere = ['service', 'namespace', 'pod', 'le']

/** The rules that the chart renders with its production values, and with further arguments for helm. */
async function renderGroups(...args: readonly string[]): Promise<{ readonly rules: readonly Rule[] }[]> {
  const production = renderings.find(
    ({ chart, variant }) => chart === 'boxoffice' && variant === 'production',
  )
  if (production === undefined) throw new Error('there are no values for production')
  const resources = resourcesOf(await render(production, ...args))
  return resources.filter(({ kind }) => kind === 'PrometheusRule').flatMap(({ spec }) => spec.groups)
}
