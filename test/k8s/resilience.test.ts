import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { TcpProxy } from '../faults/tcp-proxy.ts'
import { findJson, getJson, tryKubectl } from '../support/kubectl.ts'
import { waitUntil } from '../support/wait-until.ts'
import { joinGroup, kafkaOf, makeTopic, untilGroup } from './support/groups.ts'
import { kubectlProxy } from './support/kubectl-proxy.ts'
import { serverAddress, serviceAccount } from './support/operator-process.ts'
import { makeReplay, untilReplay } from './support/replays.ts'
import { turnAway } from './support/turn-away.ts'
import { sharedWorld, type World } from './support/world.ts'

type Operator = Awaited<ReturnType<World['operator']>>

const isOver = ({ status }: { status?: { phase: string } }): boolean =>
  ['Succeeded', 'Failed', 'Cancelled'].includes(status?.phase ?? '')

describe('the operator goes on', function () {
  this.timeout(300_000)
  let world: World
  let namespace: string
  let proxy: TcpProxy
  let first: Operator
  let second: Operator
  before(async () => {
    world = await sharedWorld()
    namespace = world.namespace
    proxy = await TcpProxy.start((await serverAddress()).port)
    const env = { LEASE_DURATION_MS: '5s' }
    first = await world.operator('operator-1', { apiPort: proxy.port, env })
    second = await world.operator('operator-2', { env })
  })
  after(async () => {
    await first?.stop()
    await second?.stop()
    await proxy?.close()
  })

  it('with two replicas: one leads, and the other takes over when the leader dies', async () => {
    await first.start()
    await untilHeldBy('operator-1')
    await second.start()
    await untilGroup(namespace, 'point', () => true)
    expect(await leading()).to.deep.equal([1, 0])

    first.kill('SIGKILL')
    await first.exited()
    const diedAt = Date.now()
    await untilHeldBy('operator-2')
    expect(Date.now() - diedAt).to.be.below(10_000)
    await expectWork()
    const { spec } = await lease()
    expect(spec.leaseTransitions).to.be.greaterThan(0)
  })

  it('at once when the leader stops properly', async () => {
    await first.start()
    const stoppedAt = Date.now()
    await second.stop()
    await untilHeldBy('operator-1')
    expect(Date.now() - stoppedAt).to.be.below(4_000)
    await expectWork()
  })

  it('when it hangs, is replaced, and resumes without leading', async () => {
    await second.start()
    first.kill('SIGSTOP')
    await untilHeldBy('operator-2')
    first.kill('SIGCONT')
    await waitUntil('only the second one leads', async () => (await leading()).join() === '0,1', {
      deadlineMs: 20_000,
    })
    await expectWork()
    await second.stop()
    await untilHeldBy('operator-1')
  })

  it('after the API server was unreachable, first silent and then cut off', async () => {
    proxy.hold('to-server', 'to-client')
    await sleep(12_000)
    proxy.cut()
    proxy.heal()
    await expectWork(30_000)
  })

  it('when its connections are cut again and again', async () => {
    const name = `cut-${randomUUID().slice(0, 8)}`
    await makeReplay(namespace, name, { group: 'payment', from: { earliest: true } }, () => true)
    for (let nth = 0; nth < 10; nth++) {
      proxy.cut()
      await sleep(150)
    }
    const { status } = await untilReplay(namespace, name, isOver)
    expect(status.phase).to.equal('Succeeded')
    await expectWork()
  })

  it('when the API server is restarted', async function () {
    const command = process.env.RESTART_API_SERVER
    if (!command) {
      console.error('    SKIPPED: no command restarts the API server (--restart-api-server)')
      return this.skip()
    }
    const name = `restarted-${randomUUID().slice(0, 8)}`
    await makeReplay(namespace, name, { group: 'payment', from: { earliest: true } }, () => true)
    await promisify(execFile)('sh', ['-c', command], { timeout: 120_000 })
    await waitUntil(
      'the API server',
      async () => (await tryKubectl(['get', '--raw', '/readyz'])).exitCode === 0,
    )
    const { status } = await untilReplay(namespace, name, isOver)
    expect(status.phase).to.equal('Succeeded')
    await expectWork(30_000)
    expect(first.stopped).to.equal(false)
  })

  it('when another client keeps changing the resource that it writes', async () => {
    const conflicts = await apiAnswers(first, 409)
    const proxied = await kubectlProxy()
    try {
      // A write may succeed between two changes; then try again with another replay.
      await waitUntil('a conflict', async () => {
        const name = `changed-${randomUUID().slice(0, 8)}`
        await makeReplay(namespace, name, { group: 'payment', from: { earliest: true } }, () => true)
        const path = `/apis/boxoffice.dev/v1alpha1/namespaces/${namespace}/replays/${name}`
        const changing = new AbortController()
        const changed = changeAgainAndAgain(`${proxied.url}${path}`, changing.signal)
        const { status } = await untilReplay(namespace, name, isOver)
        changing.abort()
        expect(await changed).to.be.greaterThan(3)
        expect(status.phase).to.equal('Succeeded')
        expect(status.receipt.reread).to.equal(status.records)
        return (await apiAnswers(first, 409)) > conflicts
      })
    } finally {
      await proxied.stop()
    }
  })

  it('while the API server rejects its requests because it is too busy', async () => {
    const name = `busy-${randomUUID().slice(0, 8)}`
    const answers = await apiAnswers(first, 429)
    const letIn = await turnAway(namespace, serviceAccount)
    try {
      await waitUntil('the operator is turned away', async () => (await apiAnswers(first, 429)) > answers)
      await makeReplay(namespace, name, { group: 'payment', from: { earliest: true } }, () => true)
      const seen = await apiAnswers(first, 429)
      await waitUntil('the operator asks again', async () => (await apiAnswers(first, 429)) >= seen + 5)
      expect((await getJson('replay', name, '--namespace', namespace)).status).to.equal(undefined)
    } finally {
      await letIn()
    }
    const { status } = await untilReplay(namespace, name, isOver)
    expect(status.phase).to.equal('Succeeded')
    await expectWork()
    expect(first.stopped).to.equal(false)
  })

  it('while Kafka is down: the last known status stays, and the condition says so', async () => {
    const brokers = [...world.system.processes.values()].filter(({ name }) => name.startsWith('kafka-'))
    expect(brokers).to.have.length(3)
    for (const broker of brokers) broker.kill('SIGSTOP')
    try {
      const { status } = await untilGroup(
        namespace,
        'point',
        (group) => conditionOf(group, 'Consuming').status === 'Unknown',
        60_000,
      )
      expect(conditionOf({ status }, 'Consuming').reason).to.equal('KafkaUnreachable')
      expect(status.topics).to.deep.equal(['point-commands'])
    } finally {
      for (const broker of brokers) broker.kill('SIGCONT')
    }
    await untilGroup(namespace, 'point', (group) => conditionOf(group, 'Consuming').status === 'True', 60_000)
    await expectWork(60_000)
  })

  /** Expects that a new group is shown, which needs every part of the operator. */
  async function expectWork(deadlineMs = 15_000): Promise<void> {
    const kafka = kafkaOf(world.system)
    const groupId = `works-${randomUUID().slice(0, 8)}`
    const member = await joinGroup(kafka, groupId, await makeTopic(kafka, 3))
    await untilGroup(namespace, groupId, (group) => group.status.memberCount === 1, deadlineMs)
    await member.leave()
    const admin = kafka.admin()
    await admin.connect()
    await admin.deleteGroups([groupId])
    await admin.disconnect()
    const gone = async () => !(await findJson('cg', groupId, '--namespace', namespace))
    await waitUntil('the group is gone', gone, { deadlineMs: 30_000 })
  }

  // biome-ignore lint/suspicious/noExplicitAny: a resource of the cluster
  async function lease(): Promise<any> {
    return await getJson('lease', serviceAccount, '--namespace', namespace)
  }

  async function untilHeldBy(identity: string): Promise<void> {
    const held = async () =>
      (await findJson('lease', serviceAccount, '-n', namespace))?.spec.holderIdentity === identity
    await waitUntil(`${identity} leads`, held, { deadlineMs: 20_000, pollMs: 100 })
  }

  async function leading(): Promise<number[]> {
    return await Promise.all(
      [first, second].map(async (operator) => await metric(operator, /^boxoffice_operator_leading\S* (\d)/m)),
    )
  }
})

// biome-ignore lint/suspicious/noExplicitAny: a resource of the cluster
function conditionOf({ status }: any, type: string) {
  return status.conditions.find((condition: { type: string }) => condition.type === type)
}

/** The number of the API server's answers to an operator with a code. */
async function apiAnswers(operator: Operator, code: number): Promise<number> {
  const text = await metricsOf(operator)
  const pattern = new RegExp(
    `^boxoffice_operator_api_answers_total\\{[^}]*code="${code}"[^}]*\\} (\\d+)`,
    'gm',
  )
  const lines = text.matchAll(pattern)
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0)
}

async function metric(operator: Operator, pattern: RegExp): Promise<number> {
  return Number(pattern.exec(await metricsOf(operator))?.[1] ?? Number.NaN)
}

async function metricsOf({ metricsPort }: Operator): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
}

/** Changes an annotation as often as the API server allows, and returns the number of changes. */
async function changeAgainAndAgain(url: string, signal: AbortSignal): Promise<number> {
  let changes = 0
  for (; !signal.aborted; changes++) {
    const response = await fetch(url, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ metadata: { annotations: { changed: String(changes) } } }),
    })
    await response.body?.cancel()
  }
  return changes
}
