import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { signToken } from '../../scripts/platform/auth.ts'
import { serviceNames } from '../../scripts/platform/databases.ts'
import { type TemporaryFolder, temporaryFolder } from '../../scripts/platform/temporary-folder.ts'
import { verifyWhenAtRest } from '../../scripts/verify/verify.ts'
import { newConcert, present } from '../support/customer.ts'
import { getJson, helm, kubectl } from '../support/kubectl.ts'
import type { TestSystem } from '../support/shared-system.ts'
import { failuresOf } from '../support/traffic.ts'
import { waitUntil } from '../support/wait-until.ts'
import { buyingDuring } from './buying-during.ts'
import { buildImage } from './commands.ts'
import { signingCa, trustedCas, writeCaFile } from './grpc-ca.ts'
import { type LoadResult, startLoad } from './load-pod.ts'
import { imagesOf, type Pod, podsOf, relayOf, restartsOf } from './pods.ts'
import { portForwards } from './port-forward.ts'
import { image, imageOf, values, withoutDisk } from './release-values.ts'
import { replayDry } from './replay-dry.ts'
import { type Servers, startServers } from './servers.ts'
import { makeSurroundings, removeSurroundings } from './surroundings.ts'
import { buyByCommandLine, buyByGrpcurl, isPlainTextAnswered } from './tickets.ts'

const release = 'boxoffice'
const chart = 'charts/boxoffice'
const operator = 'boxoffice-operator'
const definitions = ['consumergroups.boxoffice.dev', 'replays.boxoffice.dev']
const processes = [...serviceNames, 'console']
/** The time that the kubelet may need to replace the files of a Secret, and a margin. */
const mountsMs = 125_000
const inTime = ['--wait', '--timeout', '8m']

/** The parts of a system that the tests of traffic use. */
type Reachable = Pick<TestSystem, 'auth'> & {
  readonly addresses: Pick<TestSystem['addresses'], 'tlsCaFile'> & {
    readonly services: Awaited<ReturnType<typeof portForwards>>['services']
  }
}

describe('a release on a cluster', function () {
  this.timeout(900_000)
  this.slow(1_000)
  let servers: Servers
  let namespace: string
  let forwards: Awaited<ReturnType<typeof portForwards>>
  let system: TestSystem
  let folder: TemporaryFolder
  let ownDefinitions = false

  const pods = (service: string): Promise<Pod[]> => podsOf(namespace, release, service)
  const operatorValues = (): string[] => [
    ...['--set', `crds.install=${ownDefinitions}`],
    ...withoutDisk('resources'),
    ...imageOf('1'),
  ]
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
    folder = await temporaryFolder()
    servers = await startServers(host)
    namespace = await makeSurroundings(servers)
  })

  after(async () => {
    await forwards?.stop()
    // After a failed test the releases still exist, with roles in the whole cluster.
    if (namespace) {
      const uninstall = ['uninstall', operator, release, '--namespace', namespace, '--ignore-not-found']
      await helm(...uninstall)
      await removeSurroundings(namespace)
    }
    // The definitions outlive their release on purpose, with all their resources.
    if (ownDefinitions) await kubectl('delete', 'crd', ...definitions, '--ignore-not-found')
    await servers?.stop()
    await folder?.remove()
  })

  it('is installed, with migrations first, and every pod is ready', async () => {
    const args = [...values, ...imageOf('1'), ...inTime]
    await helm('install', release, chart, '--namespace', namespace, ...args)
    for (const service of processes) {
      const found = await pods(service)
      expect(found, service).to.have.length(2)
      for (const pod of found) expect(restartsOf(pod), `${pod.metadata.name} started once`).to.equal(0)
    }
  })

  it('passes helm test', async () => {
    await helm('test', release, '--namespace', namespace, '--timeout', '5m')
  })

  it('has its groups shown by the operator, installed with its own chart', async () => {
    const there = await kubectl('get', 'crd', ...definitions, '--ignore-not-found', '--output', 'name')
    ownDefinitions = there === ''
    const args = [...operatorValues(), ...inTime]
    await helm('install', operator, `charts/${operator}`, '--namespace', namespace, ...args)
    await waitUntil(
      'the groups are shown, and none lags',
      async () => {
        const { items } = await getJson('consumergroups', '--namespace', namespace)
        return processes.every((group) =>
          items.some(
            (item: ConsumerGroup) =>
              item.metadata.name === group && item.status?.state && item.status.lag === 0,
          ),
        )
      },
      { deadlineMs: 60_000, pollMs: 500 },
    )
    await replayDry(namespace)
  })

  it('sells tickets through port-forward, with grpcurl or the command line, and shows them', async () => {
    forwards = await portForwards(namespace, release)
    const { services, page } = forwards
    const tlsCaFile = await writeCaFile(folder.dir, namespace, release)
    system = { auth: servers.auth, addresses: { services, tlsCaFile } } satisfies Reachable as never
    const counter = { services, auth: servers.auth, tlsCaFile }
    expect(await isPlainTextAnswered(counter), 'a call without TLS is answered').to.equal(false)
    const { concertId, payment } = await buyByGrpcurl(counter)
    expect(payment.status).to.equal('PAYMENT_STATUS_COMPLETED')
    const bought = await buyByCommandLine(counter, concertId, 'A-1-2')
    expect(bought.payment.status).to.equal('PAYMENT_STATUS_COMPLETED')

    const authorization = `Bearer ${await signToken(servers.auth, { subject: 'looks', roles: ['viewer'] })}`
    await waitUntil('the page shows the payments', async () => {
      const response = await fetch(`${page}/api/payments`, { headers: { authorization } })
      const shown = await response.text()
      return shown.includes(payment.paymentId) && shown.includes(bought.payment.paymentId)
    })
  })

  it('completes every checkout when pods are killed', async () => {
    const payments = await buyingDuring(system, async () => {
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

  it('completes every checkout when relays die, and Kubernetes restarts them beside their service', async () => {
    const before = await pods('payment')
    const payments = await buyingDuring(system, async () => {
      for (const { metadata } of before) {
        // The second signal ends a process at once, as a crash does.
        const script = 'kill -TERM 1; sleep 0.02; kill -TERM 1'
        const where = ['--namespace', namespace, metadata.name, '--container', 'relay']
        await kubectl('exec', ...where, '--', 'sh', '-c', script).catch(() => {
          // The command may end with the container.
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

  it('is upgraded to a new version, and every call is answered', async () => {
    await withoutLostCalls('rolled out', () =>
      helm('upgrade', release, chart, '--namespace', namespace, ...values, ...imageOf('2'), ...inTime),
    )
    await expectImages(`${image}:2`)
  })

  it('is rolled back, and every call is answered', async () => {
    await withoutLostCalls('rolled back', () =>
      helm('rollback', release, '--namespace', namespace, ...inTime),
    )
    await expectImages(`${image}:1`)
  })

  it('changes its CA in three upgrades, and every call is answered', async () => {
    const upgrade = async (rotation: string): Promise<string[]> => {
      const args = [...values, ...imageOf('1'), '--set', `grpc.tls.chart.rotation=${rotation}`, ...inTime]
      await helm('upgrade', release, chart, '--namespace', namespace, ...args)
      await writeCaFile(folder.dir, namespace, release)
      return await trustedCas(namespace, release)
    }
    const [before = ''] = await trustedCas(namespace, release)
    await withoutLostCalls('changed its CA', async () => {
      const both = await upgrade('begin')
      expect([both.length, both[0], await signingCa(namespace, release)]).to.deep.equal([2, before, before])
      // Mounted files are replaced within two minutes, and the chart refuses the next step before that.
      await sleep(mountsMs)
      await upgrade('switch')
      expect(await signingCa(namespace, release)).to.equal(both[1])
      await sleep(mountsMs)
      expect(await upgrade('')).to.deep.equal([both[1]])
    })
    await helm('test', release, '--namespace', namespace, '--timeout', '5m')
    await replayDry(namespace)
  })

  /**
   * Runs `during` while a pod in the cluster buys without repeating any call, and customers buy through port-forwards
   * and repeat theirs. Expects that the pod's calls are all answered and that all payments complete.
   */
  async function withoutLostCalls(what: string, during: () => Promise<unknown>): Promise<void> {
    let seconds = 0
    let sold: LoadResult | undefined
    const payments = await buyingDuring(system, async () => {
      // The load buys seats of the newest concert: give it one of its own.
      await newConcert(system, 40, 50)
      const load = await startLoad(namespace, { release, image: `${image}:1`, rate: 5 })
      const startedAt = performance.now()
      await during()
      seconds = (performance.now() - startedAt) / 1_000
      sold = await load.stop()
    })
    const { accepted, refused, failed, skipped, checkoutMs } = present(sold)
    const answered = accepted + Object.values(refused).reduce((sum, count) => sum + count, 0)
    const calls = `${answered} calls answered, ${failed} not answered, ${skipped} not made`
    const others = `${payments.length} payments through port-forwards`
    console.log(`      ${what} in ${seconds.toFixed(0)} s: ${calls}; p99 ${checkoutMs.p99} ms; ${others}`)
    expect(failuresOf(payments)).to.deep.equal([])
    expect({ failed, skipped }).to.deep.equal({ failed: 0, skipped: 0 })
    expect(accepted, 'more than one purchase a second').to.be.greaterThan(seconds)
  }

  async function expectImages(wanted: string): Promise<void> {
    for (const service of processes) {
      const running = (await pods(service)).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      expect(running).to.have.length(2)
      for (const pod of running) expect(new Set(imagesOf(pod)), service).to.deep.equal(new Set([wanted]))
    }
  }

  it('has balanced books after all that', async () => {
    const { atRest, underWay, results } = await verifyWhenAtRest(servers.sources, { waitMs: 60_000 })
    expect(results.filter(({ ok }) => !ok)).to.deep.equal([])
    expect(atRest, underWay.join(', ')).to.equal(true)
  })

  it('leaves no resource when it is uninstalled', async () => {
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
      'all resources of the release are gone',
      async () => {
        const selector = ['--selector', `app.kubernetes.io/instance in (${release}, ${operator})`]
        const left = await getJson([...kinds, ...others].join(','), '--namespace', namespace, ...selector)
        return left.items.length === 0
      },
      { deadlineMs: 120_000, pollMs: 500 },
    )
  })
})

interface ConsumerGroup {
  readonly metadata: { readonly name: string }
  readonly status?: { readonly state?: string; readonly lag?: number }
}
