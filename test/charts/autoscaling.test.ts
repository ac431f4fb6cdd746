import { expect } from 'chai'
import { documentedMetrics } from '../support/documented-metrics.ts'
import { chartValues, type Rendering, type Resource, render, renderings, resourcesOf } from './charts.ts'
import { selectorsIn } from './promql.ts'
import { needs } from './tool.ts'

interface Trigger {
  readonly type: string
  readonly metadata: Readonly<Record<string, string>>
}

const names = ['payment', 'point', 'reservation']

describe('the autoscaling of a production release', () => {
  needs('helm')
  let resources: Resource[]

  before(async () => {
    resources = resourcesOf(await render(production()))
  })

  it("follows each service's lag of each topic, by a metric that the service serves", async () => {
    const documented = await documentedMetrics()
    const { services } = await chartValues('boxoffice')
    const scaled = resources.filter(({ kind }) => kind === 'ScaledObject')
    expect(scaled.map(({ metadata }) => metadata.name)).to.have.members(
      names.map((name) => `boxoffice-${name}`),
    )
    for (const name of names) {
      const { spec } = scaled.find(({ metadata }) => metadata.name === `boxoffice-${name}`) as Resource
      const triggers: Trigger[] = spec.triggers
      expect(triggers.map(({ type }) => type)).to.deep.equal(services[name].topics.map(() => 'metrics-api'))
      for (const [index, { metadata }] of triggers.entries()) {
        expect(metadata.url).to.equal(`http://boxoffice-${name}.boxoffice.svc:${metricsPort(name)}/metrics`)
        expect(metadata.format).to.equal('prometheus')
        const [selector] = selectorsIn(metadata.valueLocation ?? '')
        expect(selector?.labels).to.have.members(documented.get(selector?.metric ?? '')?.labels ?? [])
        expect(selector?.matchers).to.include(`consumer="${name}"`)
        expect(selector?.matchers).to.include(`topic="${services[name].topics[index]}"`)
      }
    }
  })

  it('needs no right in Kafka, but network access to the metrics of the scaled services', () => {
    expect(resources.filter(({ kind }) => kind === 'TriggerAuthentication')).to.deep.equal([])
    for (const name of [...names, 'console']) {
      const { spec } = resources.find(
        ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === `boxoffice-${name}`,
      ) as Resource
      const fromKeda = (
        spec.ingress as readonly { readonly from: unknown; readonly ports: unknown }[]
      ).filter(({ from }) => JSON.stringify(from).includes('"keda"'))
      const ways = names.includes(name) ? [[{ protocol: 'TCP', port: 'metrics' }]] : []
      expect(
        fromKeda.map(({ ports }) => ports),
        name,
      ).to.deep.equal(ways)
    }
  })

  it('is refused if no value says from where KEDA asks for the lag', async () => {
    const refused = await render(production(), '--set-json', 'networkPolicy.autoscaler=[]').then(
      () => 'rendered',
      String,
    )
    expect(refused).to.include('networkPolicy.autoscaler must say where KEDA is')
  })

  function metricsPort(name: string): number {
    const { spec } = resources.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === `boxoffice-${name}`,
    ) as Resource
    const { containers } = spec.template.spec
    const service = containers.find((container: { name: string }) => container.name === name)
    return service.ports.find((port: { name: string }) => port.name === 'metrics').containerPort
  }
})

function production(): Rendering {
  const own = renderings.find(({ chart, variant }) => chart === 'boxoffice' && variant === 'production')
  if (own === undefined) throw new Error('there is no such rendering')
  return own
}
