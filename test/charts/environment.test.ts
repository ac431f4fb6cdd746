import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { admissionSettings } from '@boxoffice/common/config/admission-settings.ts'
import { expect } from 'chai'
import { repositoryDir } from '../../scripts/platform/paths.ts'
import { type Rendering, type Resource, render, renderings, resourcesOf } from './charts.ts'
import { needs } from './tool.ts'

const rendering = renderings.find(
  ({ chart, variant }) => chart === 'boxoffice' && variant === 'default',
) as Rendering

describe('the values of the chart', () => {
  needs('helm')

  it('pass env to the services, and relayEnv to their relays', async () => {
    const set = [
      'defaults.env.POISON_WINDOW=7',
      'services.point.env.POISON_WINDOW=9',
      'defaults.relayEnv.BATCH_ROWS_MAX=3',
    ]
    const found = await containers(...set)
    for (const { name, env } of found.filter(isRelay)) {
      expect(env.get('BATCH_ROWS_MAX'), name).to.equal('3')
      expect(env.has('POISON_WINDOW'), name).to.equal(false)
    }
    for (const { name, env } of found.filter((container) => !isRelay(container))) {
      expect(env.get('POISON_WINDOW'), name).to.equal(name === 'boxoffice-point/point' ? '9' : '7')
      expect(env.has('BATCH_ROWS_MAX'), name).to.equal(false)
    }
    expect(found.filter(isRelay)).to.have.length(3)
  })

  it('pass shards to the relays of that service, and to its migration, which creates their publications', async () => {
    const rendered = resourcesOf(await render(rendering, '--set', 'services.point.relay.shards=2'))
    const given = rendered.flatMap(({ kind, metadata, spec }) => {
      const pod = spec?.template?.spec
      const containers = [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])]
      return containers
        .filter(({ env }: { env?: { name: string }[] }) => env?.some(({ name }) => name === 'RELAY_SHARDS'))
        .map(({ name }: { name: string }) => `${kind} ${metadata.name} ${name}`)
    })
    expect(given).to.have.members(['Deployment boxoffice-point relay', 'Job boxoffice-migrate-point migrate'])
  })

  it('pass admission to the services, and to no relay', async () => {
    const set = [
      'defaults.admission.connectionsPerAddressMax=4096',
      'services.point.admission.unreadBytesMax=4294967296',
    ]
    for (const { name, env } of await containers(...set)) {
      const isPoint = name === 'boxoffice-point/point'
      expect(env.get('CONNECTIONS_PER_ADDRESS_MAX'), name).to.equal(
        name.endsWith('/relay') ? undefined : '4096',
      )
      expect(env.get('UNREAD_BYTES_MAX'), name).to.equal(isPoint ? '4294967296' : undefined)
    }
  })

  it('have all settings of admission, with their names and bounds', async () => {
    const schema = JSON.parse(
      await readFile(path.join(repositoryDir, 'charts/boxoffice/values.schema.json'), 'utf8'),
    )
    const allowed: Record<string, { minimum: number; maximum: number }> = schema.$defs.admission.properties
    expect(Object.keys(allowed)).to.have.members(Object.keys(admissionSettings))
    for (const [name, { minimum, maximum }] of Object.entries(allowed)) {
      const { variable, parse } = admissionSettings[name as keyof typeof admissionSettings]
      expect(name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).to.equal(variable)
      for (const value of [minimum, maximum]) expect(parse(String(value)), variable).to.equal(value)
      for (const value of [minimum - 1, maximum + 1]) expect(() => parse(String(value)), variable).to.throw()
    }
  })

  it("allow a token life for kind that is long enough for the operator's token from make-secrets", async () => {
    const script = await readFile(path.join(repositoryDir, 'k8s/make-secrets'), 'utf8')
    const [, seconds = ''] = /validForSeconds: ([\d_]+)/.exec(script) ?? []
    const validForMs = Number(seconds.replaceAll('_', '')) * 1000
    expect(validForMs).to.be.greaterThan(0)
    const kind = renderings.find(({ chart, variant }) => chart === 'boxoffice' && variant === 'kind')
    if (kind === undefined) throw new Error('there are no values for kind')
    for (const { kind: resource, spec } of resourcesOf(await render(kind))) {
      if (resource !== 'Deployment') continue
      const life = spec.template.spec.containers[0].env.find(
        ({ name }: Variable) => name === 'AUTH_TOKEN_LIFE_MAX_MS',
      )
      expect(Number(life?.value)).to.be.at.least(validForMs)
    }
  })

  it('pass tracing.endpoint to every process if it is set', async () => {
    for (const { name, env } of await containers('tracing.endpoint=http://otel.tracing:4318'))
      expect(env.get('OTEL_EXPORTER_OTLP_ENDPOINT'), name).to.equal('http://otel.tracing:4318')
    for (const { name, env } of await containers())
      expect(env.has('OTEL_EXPORTER_OTLP_ENDPOINT'), name).to.equal(false)
  })

  for (const [endpoint, port] of [
    ['http://otel.tracing:4318', 4318],
    ['https://otel.example.com/v1', 443],
    ['http://otel.tracing', 80],
  ] as const) {
    it(`let all processes send their traces to ${endpoint}`, async () => {
      const policies = (await rendered(`tracing.endpoint=${endpoint}`)).filter(
        ({ kind, spec }) => kind === 'NetworkPolicy' && spec.ingress !== undefined,
      )
      expect(policies).to.have.length(4)
      for (const { metadata, spec } of policies) {
        const rule = spec.egress.find(({ to }: { to: object[] }) =>
          JSON.stringify(to).includes('"monitoring"'),
        )
        expect(rule?.ports, metadata.name).to.deep.equal([{ protocol: 'TCP', port }])
      }
    })
  }
})

interface Container {
  /** Deployment and container. */
  readonly name: string
  readonly env: ReadonlyMap<string, string>
}

function isRelay({ name }: Container): boolean {
  return name.endsWith('/relay')
}

async function rendered(...values: readonly string[]): Promise<Resource[]> {
  return resourcesOf(await render(rendering, ...values.flatMap((value) => ['--set', value])))
}

async function containers(...values: readonly string[]): Promise<Container[]> {
  const deployments = (await rendered(...values)).filter(({ kind }) => kind === 'Deployment')
  return deployments.flatMap(({ metadata, spec }) => {
    const { initContainers = [], containers } = spec.template.spec
    return [...initContainers, ...containers].map(({ name, env }: { name: string; env: Variable[] }) => ({
      name: `${metadata.name}/${name}`,
      env: new Map(env.map((variable) => [variable.name, variable.value])),
    }))
  })
}

interface Variable {
  readonly name: string
  readonly value: string
}
