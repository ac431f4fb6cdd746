import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { expectBalancedBooks } from '../support/books.ts'
import { present } from '../support/customer.ts'
import { findJson, getJson, kubectl, refusalOf } from '../support/kubectl.ts'
import { sql } from '../support/sql.ts'
import { failuresOf, trafficDuring } from '../support/traffic.ts'
import { waitUntil } from '../support/wait-until.ts'
import { makeNamespace, removeNamespace } from './support/namespace.ts'
import { makeReplay, type ReplaySpec, replayOf, untilReplay } from './support/replays.ts'
import { sharedWorld, type World } from './support/world.ts'

const everything: ReplaySpec = { group: 'point', from: { earliest: true } }

describe('replays', function () {
  this.timeout(300_000)
  let world: World
  let namespace: string
  let operator: Awaited<ReturnType<World['operator']>>
  before(async () => {
    world = await sharedWorld()
    namespace = world.namespace
    operator = await world.operator('operator-replays')
    await operator.start()
    const payments = await trafficDuring(world.system, async () => {}, { checkoutsMin: 40 })
    expect(failuresOf(payments)).to.deep.equal([])
    await expectBalancedBooks(world.system)
  })
  after(() => operator?.stop())
  afterEach(() => expectBalancedBooks(world.system, 90_000))

  describe('are refused at once', () => {
    const wrong: readonly (readonly [string, object, string])[] = [
      ['without a group', { from: { earliest: true } }, 'spec.group: Required value'],
      ['without a start', { group: 'point' }, 'spec.from: Required value'],
      ['with an empty start', { group: 'point', from: {} }, 'exactly one of earliest, time and offset'],
      ['with two starts', { group: 'point', from: { earliest: true, offset: 3 } }, 'exactly one of'],
      ['with earliest: false', { group: 'point', from: { earliest: false } }, 'earliest is true or left out'],
      ['from a negative offset', { group: 'point', from: { offset: -1 } }, 'greater than or equal to 0'],
      ['from an invalid time', { group: 'point', from: { time: 'yesterday' } }, 'date-time'],
      ['of an invalid group name', { group: 'a b', from: { earliest: true } }, 'should match'],
      ['of a topic twice', { ...everything, topics: ['a', 'a'] }, 'Duplicate value'],
      ['with an unknown field', { ...everything, dryrun: true }, 'unknown field "spec.dryrun"'],
    ]
    for (const [what, spec, words] of wrong) {
      it(what, async () => {
        expect(await refusalOf(replayOf(namespace, 'wrong', spec))).to.contain(words)
      })
    }

    it('when they are changed', async () => {
      await makeReplay(namespace, 'fixed', { ...everything, dryRun: true })
      const patch = JSON.stringify({ spec: { dryRun: false } })
      const changed = kubectl('patch', 'replay', 'fixed', '-n', namespace, '--type', 'merge', '-p', patch)
      expect(await changed.catch(String)).to.contain('a replay does not change')
    })
  })

  it('with dryRun say what they would read again and move no position', async () => {
    const before = await positions('point')
    const { status, metadata } = await makeReplay(namespace, 'dry', { ...everything, dryRun: true })
    expect(status.phase).to.equal('Succeeded')
    expect(status.observedGeneration).to.equal(metadata.generation)
    expect(metadata.finalizers ?? []).to.deep.equal([])
    expect(conditionOf(status, 'Complete')).to.include({ status: 'True', reason: 'DryRun' })
    expect(status.records).to.be.greaterThan(30)
    for (const { topic, fromOffset, untilOffset, records } of status.partitions) {
      expect(topic).to.equal('point-commands')
      expect(untilOffset - fromOffset).to.equal(records)
    }
    expect(status).to.not.have.property('receipt')
    expect(await positions('point')).to.deep.equal(before)
    expect(await replaysIn('point')).to.equal(0)
  })

  it('read everything again once, and report the result', async () => {
    for (const group of ['payment', 'point', 'reservation'] as const) {
      const { status } = await makeReplay(namespace, `all-of-${group}`, { group, from: { earliest: true } })
      expect(status.phase, JSON.stringify(status)).to.equal('Succeeded')
      expect(status.progress).to.equal('100%')
      expect(status.receipt.reread).to.equal(status.records)
      expect(status.receipt).to.include({ known: status.records, effective: 0, putAside: 0 })
      expect(await replaysIn(group)).to.equal(1)
    }
    const table = await kubectl('get', 'replays', '--namespace', namespace)
    expect(table).to.match(/NAME +GROUP +DRY-RUN +PHASE +PROGRESS +RECORDS +EFFECTIVE +REASON +AGE/)
    expect(table).to.match(/^all-of-point +point +false +Succeeded +100% +\d+ +0 +ReadAgain /m)
    const { items } = await getJson(
      'events.events.k8s.io',
      '-n',
      namespace,
      '--field-selector',
      'regarding.name=all-of-point',
    )
    const reasons = items.map((event: { reason: string }) => event.reason)
    expect(reasons).to.include('Starting').and.to.include('Succeeded')
  })

  it('from a time or an offset read the named topics from that start', async () => {
    const time = new Date(Date.now() - 3_600_000).toISOString()
    const byTime = await makeReplay(namespace, 'by-time', {
      group: 'payment',
      topics: ['point-events'],
      from: { time },
    })
    expect(byTime.status.phase).to.equal('Succeeded')
    expect(new Set(byTime.status.partitions.map(({ topic }: { topic: string }) => topic))).to.deep.equal(
      new Set(['point-events']),
    )
    const byOffset = await makeReplay(namespace, 'by-offset', { group: 'point', from: { offset: 1 } })
    expect(byOffset.status.phase).to.equal('Succeeded')
    for (const { fromOffset } of byOffset.status.partitions) expect(fromOffset).to.equal(1)
  })

  describe('that are impossible end Failed with a reason and move no position:', () => {
    let before: unknown
    let known: number
    beforeEach(async () => {
      before = await positions('point')
      known = await replaysIn('point')
    })
    afterEach(async () => {
      expect(await positions('point')).to.deep.equal(before)
      expect(await replaysIn('point')).to.equal(known)
    })

    const impossible: readonly (readonly [string, ReplaySpec, string])[] = [
      ['a group of no service', { group: 'nobody', from: { earliest: true } }, 'UnknownGroup'],
      ['a topic that the group does not read', { ...everything, topics: ['payment-events'] }, 'UnknownGroup'],
      ['a time in the future', { group: 'point', from: { time: '2100-01-01T00:00:00Z' } }, 'FromFuture'],
      ['an offset after the last read record', { group: 'point', from: { offset: 1_000_000 } }, 'FromFuture'],
    ]
    impossible.forEach(([what, spec, reason], nth) => {
      it(what, async () => {
        const { status, metadata } = await makeReplay(namespace, `impossible-${nth}`, spec)
        expect(status.phase).to.equal('Failed')
        expect(conditionOf(status, 'Failed')).to.include({ status: 'True', reason })
        expect(conditionOf(status, 'Failed').message).to.not.equal('')
        await waitUntil('its finalizer is removed', async () => {
          const now = await getJson('replay', metadata.name, '-n', namespace)
          return (now.metadata.finalizers ?? []).length === 0
        })
      })
    })

    it('a service of another namespace', async () => {
      const elsewhere = await makeNamespace('elsewhere')
      try {
        const { status } = await makeReplay(elsewhere, 'foreign', everything)
        expect(status.phase).to.equal('Failed')
        expect(conditionOf(status, 'Failed')).to.include({ status: 'True', reason: 'WrongNamespace' })
      } finally {
        await removeNamespace(elsewhere)
      }
    })
  })

  it('run one at a time; deleting one cancels it, and the consumer goes on from its former positions', async () => {
    const before = await positions('payment')
    // This paused replica keeps half of the partitions, so the replay cannot end.
    const stopped = present(world.system.processes.get('payment-2'))
    stopped.kill('SIGSTOP')
    try {
      const payment: ReplaySpec = { group: 'payment', from: { earliest: true } }
      await makeReplay(namespace, 'first', payment, ({ status }) => status.phase === 'Running')
      const second = await makeReplay(namespace, 'second', payment)
      expect(conditionOf(second.status, 'Failed')).to.include({
        status: 'True',
        reason: 'AnotherReplayRunning',
      })
      await kubectl('delete', 'replay', 'first', '--namespace', namespace, '--timeout', '30s')
      const [replay] = await sql<{ phase: string; cancelled_by: string }>(
        world.system,
        'payment',
        'SELECT phase, cancelled_by FROM replay ORDER BY started_at DESC LIMIT 1',
      )
      expect(replay).to.deep.equal({ phase: 'CANCELLED', cancelled_by: 'boxoffice-operator' })
      expect(await positions('payment')).to.deep.equal(before)
    } finally {
      stopped.kill('SIGCONT')
    }
  })

  it('go on and run once, at whatever moment the operator is killed', async () => {
    const known = await replaysIn('reservation')
    for (let nth = 0; nth < 8; nth++) {
      const name = `killed-${nth}`
      await makeReplay(namespace, name, { group: 'reservation', from: { earliest: true } }, () => true)
      // Each time a little later: before the first step, between two steps, while the replay runs.
      await sleep(nth * 60)
      operator.kill('SIGKILL')
      await operator.exited()
      await operator.start()
      const { status } = await untilReplay(namespace, name, isOver)
      expect(status.phase, JSON.stringify(status)).to.equal('Succeeded')
      expect(status.receipt).to.include({ effective: 0, putAside: 0 })
      expect(await replaysIn('reservation')).to.equal(known + nth + 1)
    }
  })

  it('that are deleted while the operator is down stop when it is back', async () => {
    const stopped = present(world.system.processes.get('point-2'))
    stopped.kill('SIGSTOP')
    try {
      await makeReplay(namespace, 'orphan', everything, ({ status }) => status?.phase === 'Running')
      operator.kill('SIGKILL')
      await operator.exited()
      await kubectl('delete', 'replay', 'orphan', '--namespace', namespace, '--wait=false')
      expect(await findJson('replay', 'orphan', '--namespace', namespace)).to.not.equal(undefined)
      await operator.start()
      await waitUntil(
        'the replay is gone',
        async () => !(await findJson('replay', 'orphan', '-n', namespace)),
      )
      const [replay] = await sql<{ phase: string }>(
        world.system,
        'point',
        'SELECT phase FROM replay ORDER BY started_at DESC LIMIT 1',
      )
      // The paused member's partitions move after ten seconds: if the start takes longer, the replay is done.
      expect(replay?.phase).to.be.oneOf(['CANCELLED', 'DONE'])
    } finally {
      stopped.kill('SIGCONT')
    }
  })

  async function positions(service: 'payment' | 'point') {
    return await sql(
      world.system,
      service,
      'SELECT topic, partition, next_offset FROM consumer_position ORDER BY 1, 2',
    )
  }

  async function replaysIn(service: 'payment' | 'point' | 'reservation'): Promise<number> {
    const [row] = await sql<{ count: number }>(
      world.system,
      service,
      'SELECT count(*)::int AS count FROM replay',
    )
    return row?.count ?? 0
  }
})

// biome-ignore lint/suspicious/noExplicitAny: a resource of the cluster
function isOver({ status }: any): boolean {
  return ['Succeeded', 'Failed', 'Cancelled'].includes(status?.phase)
}

// biome-ignore lint/suspicious/noExplicitAny: a resource of the cluster
function conditionOf(status: any, type: string) {
  return status.conditions.find((condition: { type: string }) => condition.type === type)
}
