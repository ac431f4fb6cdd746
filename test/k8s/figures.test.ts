import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from '@boxoffice/common/kafka/client.ts'
import type { GroupMember } from '@boxoffice/kafka'
import { expect } from 'chai'
import { readUsage } from '../../scripts/bench/process-usage.ts'
import { getJson } from '../support/kubectl.ts'
import { processorSlowness } from '../support/processor-speed.ts'
import { waitUntil } from '../support/wait-until.ts'
import { joinGroup, kafkaOf, makeTopic } from './support/groups.ts'
import { sharedWorld, type World } from './support/world.ts'

const groupsMin = 50
const idleSeconds = 60
/** The shown lag is at most five seconds old. */
const slowestRoundSeconds = 5
const residentMegabytesMax = 128
/** Percent of a core as fast as the one on which this limit was set. */
const corePercentMax = 2

describe('the operator with fifty idle groups', function () {
  this.timeout(600_000)
  let world: World
  let kafka: Kafka
  let operator: Awaited<ReturnType<World['operator']>>
  const members: GroupMember[] = []
  const run = randomUUID().slice(0, 8)
  before(async () => {
    world = await sharedWorld()
    kafka = kafkaOf(world.system)
    const topics = [await makeTopic(kafka, 30), await makeTopic(kafka, 30)]
    for (let nth = 0; nth < groupsMin; nth++) {
      // Half of them have members, half have left.
      const member = await joinGroup(kafka, `idle-${run}-${nth}`, topics[nth % topics.length] ?? '')
      if (nth % 2 === 0) members.push(member)
      else await member.leave()
    }
    operator = await world.operator('operator-figures', { env: { DEAD_LETTER_INTERVAL_MS: '' } })
    await operator.start()
    await waitUntil('the resources of all groups', async () => (await shown()) >= groupsMin, {
      deadlineMs: 120_000,
    })
  })
  after(async () => {
    await operator?.stop()
    await Promise.all(members.map((member) => member.leave()))
    // Without members the setup failed early, and there may be no Kafka.
    if (members.length === 0) return
    const admin = kafka.admin()
    await admin.connect()
    await admin.deleteGroups(Array.from({ length: groupsMin }, (_, nth) => `idle-${run}-${nth}`))
    await admin.disconnect()
  })

  it(`takes at most ${residentMegabytesMax} MB and ${corePercentMax} % of a core`, async () => {
    // The cost of a start is not measured.
    await sleep(20_000)
    const slownessBefore = processorSlowness()
    const before = await usage()
    const roundsBefore = await rounds()
    await sleep(idleSeconds * 1_000)
    const after = await usage()
    // The measurement only counts if the operator has reconciled meanwhile.
    expect((await rounds()) - roundsBefore).to.be.at.least(idleSeconds / slowestRoundSeconds)
    const slowness = (slownessBefore + processorSlowness()) / 2
    const percent = ((after.cpuSeconds - before.cpuSeconds) / idleSeconds / slowness) * 100
    const megabytes = after.residentBytes / (1024 * 1024)
    const core = `a core, each of which takes ${slowness.toFixed(2)} times as long now`
    console.log(`      ${megabytes.toFixed(0)} MB resident, ${percent.toFixed(2)} % of ${core}`)
    expect(megabytes).to.be.at.most(residentMegabytesMax)
    expect(percent).to.be.at.most(corePercentMax)
  })

  async function shown(): Promise<number> {
    const { items } = await getJson('cg', '--namespace', world.namespace)
    return items.filter((item: { status?: unknown }) => item.status !== undefined).length
  }

  async function rounds(): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${operator.metricsPort}/metrics`)).text()
    const line =
      /^boxoffice_operator_reconciled_total\{[^}]*kind="ConsumerGroup"[^}]*result="ok"[^}]*\} (\d+)/m
    return Number(line.exec(text)?.[1] ?? 0)
  }

  async function usage() {
    const { byName } = await readUsage(new Map([['operator', operator.pid ?? 0]]))
    const found = byName.get('operator')
    if (found === undefined) throw new Error('the operator has ended')
    return found
  }
})
