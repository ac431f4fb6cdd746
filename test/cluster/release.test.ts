import { expect } from 'chai'
import { verifyWhenAtRest } from '../../scripts/verify/verify.ts'
import { newConcert, newCustomer, seatPrice } from '../support/customer.ts'
import type { TestSystem } from '../support/shared-system.ts'
import { failuresOf, trafficDuring } from '../support/traffic.ts'
import { waitUntil } from '../support/wait-until.ts'
import { buildImage, getJson, helm, kubectl } from './commands.ts'
import { portForwards } from './port-forward.ts'
import { type Servers, startServers } from './servers.ts'
import { makeSurroundings, removeSurroundings } from './surroundings.ts'

const release = 'boxoffice'
const image = 'localhost/boxoffice'
const chart = 'charts/boxoffice'
const operator = 'boxoffice-operator'
const definitions = ['consumergroups.boxoffice.dev', 'replays.boxoffice.dev']
const values = [
  ...['--set', 'tests.privateKeySecret=boxoffice-token-key'],
  // A node may count no disk of its own, and then schedules nothing that asks for some.
  ...['defaults', 'defaults.relay', 'migrations', 'tests'].flatMap((part) =>
    withoutDisk(`${part}.resources`),
  ),
]
const imageOf = (tag: string): string[] => [
  ...['--set', `image.repository=${image},image.pullPolicy=Never`],
  ...['--set-string', `image.tag=${tag}`],
]
const inTime = ['--wait', '--timeout', '8m']

/** What the tests of traffic take of a system. */
type Reachable = Pick<TestSystem, 'auth'> & { readonly addresses: Pick<TestSystem['addresses'], never> }

describe('a release on a cluster', function () {
  this.timeout(900_000)
  this.slow(600_000)
  let servers: Servers
  let namespace: string
  let forwards: Awaited<ReturnType<typeof portForwards>>
  let system: TestSystem
  let ownDefinitions = false

  const pods = async (service: string): Promise<Pod[]> => {
    const selector = `app.kubernetes.io/instance=${release},app.kubernetes.io/component=${service}`
    return (await getJson('pods', '--namespace', namespace, '--selector', selector)).items
  }
  const rolledOut = async (...services: readonly string[]): Promise<void> => {
    for (const service of services) {
      const deployment = `deployment/${release}-${service}`
      await kubectl('rollout', 'status', deployment, '--namespace', namespace, '--timeout=5m')
    }
  }

  before('builds the image, starts Kafka and PostgreSQL', async () => {
    const host = process.env.CLUSTER_HOST
    if (!host) throw new Error('CLUSTER_HOST is not set: see npm run test:cluster -- --help')
    await buildImage(`${image}:1`)
    await buildImage(`${image}:2`)
    servers = await startServers(host)
    namespace = await makeSurroundings(servers)
  })

  after(async () => {
    await forwards?.stop()
    // Where a test failed they are still there, with roles that are the cluster's.
    if (namespace) {
      const uninstall = ['uninstall', operator, release, '--namespace', namespace, '--ignore-not-found']
      await helm(...uninstall)
      await removeSurroundings(namespace)
    }
    // They outlive their release on purpose, with all that was made of them.
    if (ownDefinitions) await kubectl('delete', 'crd', ...definitions, '--ignore-not-found')
    await servers?.stop()
  })

  it('is installed, with migrations first, and every pod is ready', async () => {
    const args = [...values, ...imageOf('1'), ...inTime]
    await helm('install', release, chart, '--namespace', namespace, ...args)
    for (const service of ['payment', 'point', 'reservation']) {
      const found = await pods(service)
      expect(found, service).to.have.length(2)
      for (const pod of found) expect(restartsOf(pod), `${pod.metadata.name} started once`).to.equal(0)
    }
  })

  it('keeps its promises: helm test', async () => {
    await helm('test', release, '--namespace', namespace, '--timeout', '5m')
  })

  it('is looked after by its operator, installed by its own chart', async () => {
    const there = await kubectl('get', 'crd', ...definitions, '--ignore-not-found', '--output', 'name')
    ownDefinitions = there === ''
    const install = ['--set', `crds.install=${ownDefinitions}`]
    const args = [...install, ...withoutDisk('resources'), ...imageOf('1'), ...inTime]
    await helm('install', operator, `charts/${operator}`, '--namespace', namespace, ...args)
    await waitUntil(
      'the groups are shown, and none lags',
      async () => {
        const { items } = await getJson('consumergroups', '--namespace', namespace)
        return ['payment', 'point', 'reservation'].every((group) =>
          items.some(
            (item: ConsumerGroup) =>
              item.metadata.name === group && item.status?.state && item.status.lag === 0,
          ),
        )
      },
      { deadlineMs: 60_000, pollMs: 500 },
    )
  })

  it('sells tickets to who comes in by port-forward', async () => {
    forwards = await portForwards(namespace, release)
    system = { auth: servers.auth, addresses: { services: forwards.services } } satisfies Reachable as never
    const concert = await newConcert(system, 1, 2)
    const buyer = await newCustomer(system, { points: seatPrice * 3n })
    const payment = await buyer.buy(await buyer.hold(concert, ['A-1-1', 'A-1-2']))
    expect(failuresOf([payment])).to.deep.equal([])
    expect(await buyer.balance()).to.equal(seatPrice)
    buyer.close()
  })

  it('goes on when pods are killed', async () => {
    const payments = await trafficDuring(system, async () => {
      for (const service of ['payment', 'point', 'reservation']) {
        const [pod] = await pods(service)
        await kubectl(
          ...['delete', 'pod', pod?.metadata.name ?? '', '--namespace', namespace],
          ...['--grace-period=0', '--force', '--wait=false'],
        )
        await rolledOut(service)
      }
    })
    expect(failuresOf(payments)).to.deep.equal([])
  })

  it('goes on when relays die, and Kubernetes starts them again beside their service', async () => {
    const before = await pods('payment')
    const payments = await trafficDuring(system, async () => {
      for (const { metadata } of before) {
        // The second signal ends a process at once, as a crash does.
        const script = 'kill -TERM 1; sleep 0.02; kill -TERM 1'
        const where = ['--namespace', namespace, metadata.name, '--container', 'relay']
        await kubectl('exec', ...where, '--', 'sh', '-c', script).catch(() => {
          // It may go with the container.
        })
      }
      await waitUntil(
        'the relays were started again',
        async () =>
          (await pods('payment')).every((pod) => relayOf(pod)?.restartCount > 0 && relayOf(pod)?.ready),
        { deadlineMs: 120_000, pollMs: 500 },
      )
    })
    expect(failuresOf(payments)).to.deep.equal([])
    const names = (list: readonly Pod[]): string[] => list.map(({ metadata }) => metadata.name).sort()
    expect(names(await pods('payment')), 'the services beside them stayed').to.deep.equal(names(before))
  })

  it('is replaced by a new version without losing a call that is made again', async () => {
    const payments = await trafficDuring(system, () =>
      helm('upgrade', release, chart, '--namespace', namespace, ...values, ...imageOf('2'), ...inTime),
    )
    expect(failuresOf(payments)).to.deep.equal([])
    for (const service of ['payment', 'point', 'reservation']) {
      for (const pod of await pods(service)) expect(imagesOf(pod)).to.deep.equal([`${image}:2`, `${image}:2`])
    }
  })

  it('is rolled back in the same way', async () => {
    const payments = await trafficDuring(system, () =>
      helm('rollback', release, '--namespace', namespace, ...inTime),
    )
    expect(failuresOf(payments)).to.deep.equal([])
    const [pod] = (await pods('payment')).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    expect(pod && imagesOf(pod)).to.deep.equal([`${image}:1`, `${image}:1`])
  })

  it('leaves the books right', async () => {
    const { atRest, underWay, results } = await verifyWhenAtRest(servers.sources, { waitMs: 60_000 })
    expect(results.filter(({ ok }) => !ok)).to.deep.equal([])
    expect(atRest, underWay.join(', ')).to.equal(true)
  })

  it('leaves nothing when it is uninstalled', async () => {
    await forwards.stop()
    await helm('uninstall', operator, '--namespace', namespace, ...inTime)
    await helm('uninstall', release, '--namespace', namespace, ...inTime)
    const kinds = [
      'pods',
      'jobs',
      'deployments',
      'replicasets',
      'services',
      'networkpolicies',
      'serviceaccounts',
    ]
    const others = ['poddisruptionbudgets', 'configmaps', 'secrets', 'controllerrevisions']
    await waitUntil(
      'all that was of the release is gone',
      async () => {
        const selector = ['--selector', `app.kubernetes.io/instance in (${release}, ${operator})`]
        const left = await getJson([...kinds, ...others].join(','), '--namespace', namespace, ...selector)
        return left.items.length === 0
      },
      { deadlineMs: 120_000, pollMs: 500 },
    )
  })
})

function withoutDisk(resources: string): string[] {
  const disk = ['requests', 'limits'].map((kind) => `${resources}.${kind}.ephemeral-storage=null`)
  return ['--set', disk.join(',')]
}

interface ConsumerGroup {
  readonly metadata: { readonly name: string }
  readonly status?: { readonly state?: string; readonly lag?: number }
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
  readonly spec: {
    readonly containers: readonly { readonly image: string }[]
    readonly initContainers: readonly { readonly image: string }[]
  }
  readonly status: {
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

interface ContainerStatus {
  readonly restartCount: number
  readonly ready: boolean
}

function imagesOf({ spec }: Pod): string[] {
  return [...spec.initContainers, ...spec.containers].map(({ image }) => image)
}

function restartsOf({ status }: Pod): number {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
  return all.reduce((sum, { restartCount }) => sum + restartCount, 0)
}

function relayOf({ status }: Pod): ContainerStatus {
  return status.initContainerStatuses?.[0] ?? { restartCount: 0, ready: false }
}
