import { expect } from 'chai'
import { parse } from 'yaml'
import { callsOf, handbookSection, hereDocuments } from '../support/handbook.ts'
import { type Rendering, type Resource, render, renderings, resourcesOf } from './charts.ts'
import { needs } from './tool.ts'

const production = renderings.find(
  ({ chart, variant }) => chart === 'boxoffice' && variant === 'production',
) as Rendering
const services = ['payment', 'point', 'reservation', 'console']

describe('the restored database of the handbook', () => {
  needs('helm')
  let cluster: string
  let values: string[]

  before(async () => {
    const section = await handbookSection('replay-and-restore.md', 'Restore a database')
    cluster = parse(hereDocuments(section, 'YAML')[0] ?? '').metadata.name
    const upgrades = await callsOf(section, 'helm')
    expect(upgrades, 'one command switches to the restored database').to.have.lengthOf(1)
    values = valuesIn(upgrades[0] ?? [])
  })

  it("is used and trusted by its service's processes and migration, and by no other process", async () => {
    const resources = resourcesOf(await render(production, ...set(values)))
    const clients = clientsIn(resources)
    for (const { name, database, ...way } of clients) {
      const host = database === 'point' ? cluster : 'boxoffice-db'
      expect(way, name).to.include({ host: `${host}-rw:5432`, ca: `${host}-ca` })
      expect(way.clusters, name).to.include(host)
      if (!way.isMigration) expect(way.clusters, name).to.deep.equal([host])
    }
    const inPoint = clients.filter(({ database }) => database === 'point').map(({ name }) => name)
    expect(inPoint).to.have.members([
      'boxoffice-point/relay',
      'boxoffice-point/point',
      'boxoffice-migrate-point/migrate',
    ])
    expect(clients).to.have.lengthOf(11)
  })

  it('can be used by every service: then no process uses the lost one', async () => {
    const [value = ''] = values
    const ofAll = services.map((service) => value.replace('services.point.', `services.${service}.`))
    for (const { name, ...way } of clientsIn(resourcesOf(await render(production, ...set(ofAll))))) {
      expect(way, name).to.include({ host: `${cluster}-rw:5432`, ca: `${cluster}-ca` })
      expect(way.clusters, name).to.deep.equal([cluster])
    }
  })
})

/** A container that connects to a database. */
interface Client {
  /** Workload and container. */
  readonly name: string
  readonly isMigration: boolean
  readonly database: string
  readonly host: string
  /** The Secret with the CA that it trusts. */
  readonly ca: string | undefined
  /** The database clusters that network policies let it reach at the host's port when it starts. */
  readonly clusters: readonly string[]
}

function clientsIn(resources: readonly Resource[]): Client[] {
  const workloads = resources.filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
  return workloads.flatMap((workload) => {
    const { initContainers = [], containers, volumes } = workload.spec.template.spec
    return [...initContainers, ...containers].map(({ name, env, volumeMounts }: Container): Client => {
      const url = new URL(env.find((variable) => variable.name === 'DATABASE_URL')?.value ?? '')
      const [mounted] = volumeMounts.map((mount) =>
        volumes.find((volume: Volume) => volume.name === mount.name),
      )
      return {
        name: `${workload.metadata.name}/${name}`,
        isMigration: workload.kind === 'Job',
        database: url.pathname.slice(1),
        host: url.host,
        ca: secretWith('database/ca.crt', mounted),
        clusters: clustersFor(workload, resources, Number(url.port)),
      }
    })
  })
}

/** The clusters that a workload may reach. For a hook only the policies count that are created before it. */
function clustersFor(workload: Resource, resources: readonly Resource[], port: number): string[] {
  const { labels } = workload.spec.template.metadata
  const policies = resources.filter(
    (policy) =>
      policy.kind === 'NetworkPolicy' &&
      Object.entries(policy.spec.podSelector.matchLabels).every(([name, value]) => labels[name] === value) &&
      (hookOf(workload) === undefined || isBefore(policy, workload)),
  )
  return policies
    .flatMap(({ spec }) => (spec.egress ?? []) as Egress[])
    .filter(({ ports }) => ports.some((allowed) => allowed.port === port))
    .flatMap(({ to }) =>
      to.map(({ podSelector }) => podSelector?.matchLabels['cnpg.io/cluster'] ?? 'any pod'),
    )
}

function isBefore(policy: Resource, job: Resource): boolean {
  const [first, then] = [hookOf(policy), hookOf(job)]
  if (first === undefined || then === undefined) return false
  return first.events === then.events && first.events.includes('pre-upgrade') && first.weight < then.weight
}

function hookOf({ metadata }: Resource): { readonly events: string; readonly weight: number } | undefined {
  const { 'helm.sh/hook': events, 'helm.sh/hook-weight': weight } = metadata.annotations ?? {}
  return events === undefined ? undefined : { events, weight: Number(weight) }
}

function secretWith(file: string, volume: Volume | undefined): string | undefined {
  return volume?.projected.sources.find(({ secret }) => secret?.items.some((item) => item.path === file))
    ?.secret?.name
}

function valuesIn(args: readonly string[]): string[] {
  return args.filter((_, i) => args[i - 1] === '--set').flatMap((values) => values.split(','))
}

function set(values: readonly string[]): string[] {
  return values.flatMap((value) => ['--set', value])
}

interface Container {
  readonly name: string
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly volumeMounts: readonly { readonly name: string }[]
}

interface Volume {
  readonly name: string
  readonly projected: {
    readonly sources: readonly {
      readonly secret?: { readonly name: string; readonly items: readonly { readonly path: string }[] }
    }[]
  }
}

interface Egress {
  readonly to: readonly {
    readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> }
  }[]
  readonly ports: readonly { readonly port: number | string }[]
}
