import { randomUUID } from 'node:crypto'
import type { Kafka } from '@boxoffice/common/kafka/client.ts'
import { expect } from 'chai'
import { apply, findJson, getJson, kubectl } from '../support/kubectl.ts'
import { sql } from '../support/sql.ts'
import { waitUntil } from '../support/wait-until.ts'
import { joinGroup, kafkaOf, makeTopic, send, untilGroup } from './support/groups.ts'
import { sharedWorld, type World } from './support/world.ts'

const visibleWithinMs = 5_000

describe('consumer groups', function () {
  this.timeout(300_000)
  let world: World
  let namespace: string
  let kafka: Kafka
  let operator: Awaited<ReturnType<World['operator']>>
  before(async () => {
    world = await sharedWorld()
    namespace = world.namespace
    kafka = kafkaOf(world.system)
    operator = await world.operator('operator-groups')
    await operator.start()
  })
  after(() => operator?.stop())

  it('of the services exist, and show which member reads which partitions', async () => {
    for (const service of ['payment', 'point', 'reservation']) {
      const { spec, status } = await untilGroup(namespace, service, (group) => group.status.memberCount === 2)
      expect(spec.group).to.equal(service)
      expect(status.state).to.equal('Stable')
      expect(status.members).to.have.length(2)
      const partitions = status.members.flatMap((member: { partitions: string[] }) => member.partitions)
      expect(partitions.length).to.be.at.least(2)
      expect(conditionOf(status, 'Consuming')).to.include({ status: 'True', reason: 'Stable' })
    }
    const { status } = await getJson('consumergroup', 'payment', '--namespace', namespace)
    expect(status.topics).to.deep.equal(['point-events', 'reservation-events'])
  })

  it('show state, members, lag and dead letters in one line each', async () => {
    // The dead letters are asked of the services, in rounds of their own.
    await untilGroup(
      namespace,
      'point',
      ({ status }) => status.lagSeconds === 0 && status.deadLetters?.count === 0,
    )
    const table = await kubectl('get', 'consumergroups', '--namespace', namespace)
    expect(table).to.match(/NAME +STATE +MEMBERS +LAG +LAG-SECONDS +DEAD-LETTERS +AGE/)
    expect(table).to.match(/^point +Stable +2 +0 +0 +0 /m)
    expect(table).to.not.contain('payment-tail-')
    const wide = await kubectl('get', 'cg', '--namespace', namespace, '--output', 'wide')
    expect(wide).to.match(/^payment .* point-events,reservation-events /m)
  })

  it('have no resource if they exist only as long as a process', async () => {
    const { groups } = await withAdmin((admin) => admin.listGroups())
    expect(groups.map(({ groupId }) => groupId).filter((id) => id.includes('-tail-'))).to.not.deep.equal([])
    const { items } = await getJson('cg', '--namespace', namespace)
    expect(
      items.filter(({ spec }: { spec: { group: string } }) => spec.group.includes('-tail-')),
    ).to.deep.equal([])
  })

  it('appear, show their lag, and disappear', async () => {
    const topic = await makeTopic(kafka, 30)
    const groupId = `Reports_${randomUUID().slice(0, 8)}`
    const member = await joinGroup(kafka, groupId, topic)
    const joinedAt = Date.now()
    const name = await waitUntil('its resource', async () => await nameOf(groupId), { pollMs: 100 })
    expect(Date.now() - joinedAt).to.be.below(visibleWithinMs)
    await untilGroup(namespace, name, ({ status }) => status.memberCount === 1 && status.lag === 0)

    await member.leave()
    await untilGroup(namespace, name, ({ status }) => status.state === 'Empty')
    await send(kafka, topic, 12)
    const sentAt = Date.now()
    const { status } = await untilGroup(namespace, name, (group) => group.status.lag === 12)
    expect(Date.now() - sentAt).to.be.below(visibleWithinMs)
    expect(conditionOf(status, 'Consuming')).to.include({ status: 'False', reason: 'NoMembers' })
    expect(status.partitions).to.have.length(3)
    expect(status.partitions[0]).to.include({ topic, committedOffset: 10, endOffset: 14, lag: 4 })
    const late = await untilGroup(namespace, name, (group) => group.status.lagSeconds >= 5)
    expect(late.status.lagSeconds).to.be.below(60)
    const unreadForMs = Date.now() - Date.parse(late.status.oldestUnreadTime)
    expect(Math.abs(unreadForMs - (Date.now() - sentAt))).to.be.below(3_000)

    await withAdmin((admin) => admin.deleteGroups([groupId]))
    await waitUntil('the resource is gone', async () => (await nameOf(groupId)) === undefined, {
      deadlineMs: 20_000,
    })
  })

  it('name the pod with the address of a member', async () => {
    const pod = podOf('point-0', namespace)
    await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } })
    await apply(pod)
    const patch = JSON.stringify({
      status: { phase: 'Running', podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] },
    })
    await kubectl(
      ...['patch', 'pod', 'point-0', '--namespace', namespace],
      ...['--subresource', 'status', '--type', 'merge', '--patch', patch],
    )
    const { status } = await untilGroup(
      namespace,
      'point',
      (group) => group.status.members[0].pod !== undefined,
    )
    expect(status.members[0]).to.include({ pod: 'point-0', host: '127.0.0.1' })
    await kubectl('delete', 'pod', 'point-0', '--namespace', namespace, '--force', '--grace-period', '0')
    await untilGroup(namespace, 'point', (group) => group.status.members[0].pod === undefined)
  })

  it('show dead letters, with a condition and an event', async () => {
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic: 'point-commands', messages: [{ key: 'nobody', value: 'not a message' }] })
    await producer.disconnect()
    const { status } = await untilGroup(namespace, 'point', (group) => group.status.deadLetters?.count === 1)
    expect(Date.now() - Date.parse(status.deadLetters.oldestTime)).to.be.below(60_000)
    expect(conditionOf(status, 'DeadLetters')).to.include({ status: 'True', reason: 'PutAside' })
    await waitUntil('an event', async () => {
      const { items } = await getJson('events.events.k8s.io', '--namespace', namespace)
      return items.some((event: { reason: string }) => event.reason === 'PutAside')
    })
    // The other tests compare books, so this letter must not stay.
    await sql(world.system, 'point', `UPDATE dead_letter SET state = 'DISCARDED' WHERE state = 'PUT_ASIDE'`)
    await sql(world.system, 'point', 'DELETE FROM parked_key')
    const cleared = await untilGroup(namespace, 'point', (group) => group.status.deadLetters?.count === 0)
    expect(conditionOf(cleared.status, 'DeadLetters')).to.include({ status: 'False' })
  })

  it('get their resource back when a user deletes it, and a resource without a group is removed', async () => {
    const stranger = { apiVersion: 'boxoffice.dev/v1alpha1', kind: 'ConsumerGroup' }
    await apply({ ...stranger, metadata: { name: 'stranger', namespace }, spec: { group: 'stranger' } })
    await kubectl('delete', 'cg', 'reservation', '--namespace', namespace)
    await untilGroup(namespace, 'reservation', (group) => group.status.memberCount === 2)
    await waitUntil(
      'the resource of the unknown group is gone',
      async () => !(await findJson('cg', 'stranger', '--namespace', namespace)),
    )
  })

  async function nameOf(groupId: string): Promise<string | undefined> {
    const { items } = await getJson('cg', '--namespace', namespace)
    return items.find((item: { spec: { group: string } }) => item.spec.group === groupId)?.metadata.name
  }

  async function withAdmin<T>(ask: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
    const admin = kafka.admin()
    await admin.connect()
    try {
      return await ask(admin)
    } finally {
      await admin.disconnect()
    }
  }
})

// biome-ignore lint/suspicious/noExplicitAny: a resource of the cluster
function conditionOf(status: any, type: string) {
  return status.conditions.find((condition: { type: string }) => condition.type === type)
}

function podOf(name: string, namespace: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/part-of': 'boxoffice' } },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'point',
          image: 'boxoffice',
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  }
}
