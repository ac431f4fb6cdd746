import { setTimeout as sleep } from 'node:timers/promises'
import { endOffsets, withAdmin } from '@boxoffice/kafka'
import { createTopicsFromManifests } from '../../../scripts/platform/topics.ts'
import { type ServiceName, topicsOf } from '../../../scripts/verify/consumer-lag.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { acceptTopic } from '../accept-topic.ts'
import { dumpTopics } from '../dump-topics.ts'
import type { Fault } from '../fault.ts'
import { servedTopics } from '../served-topics.ts'
import { relayProcessNames, type World } from '../world.ts'

/** The longest time for which relays find no topic. */
const awayMsMax = 3_000
const stillMs = 1_000

/**
 * A topic is deleted, with records that its consumer had not read, and created again. No record of the new topic may
 * be read until an operator accepts it, which heals the fault.
 */
export const recreateTopic: Fault = {
  name: 'recreate-topic',
  targets: servedTopics,
  lastsMs: [4_000, 12_000],
  ground: () => 'kafka',
  alone: true,
  async inject(world, topic, random) {
    await Promise.all([...world.system.processes.values()].map((process) => process.ready()))
    await deleteTopic(world, topic)
    await sleep(random.between(0, awayMsMax))
    await createAgain(world, topic)
    const consumer = consumerOf(topic)
    return async () => {
      if (consumer !== undefined) await acceptTopic(world, consumer, topic)
    }
  },
}

/** Deletes a topic while the relays are paused, so that its records are known at its end. */
async function deleteTopic(world: World, topic: string): Promise<void> {
  for (const name of relayProcessNames) world.process(name).kill('SIGSTOP')
  try {
    await untilStill(world, topic)
    const records = await dumpTopics(world, [topic])
    await withAdmin(world.kafka, (admin) => admin.deleteTopics({ topics: [topic] }))
    world.deleted.push(...records)
  } finally {
    for (const name of relayProcessNames) world.process(name).kill('SIGCONT')
  }
}

async function untilStill({ kafka }: World, topic: string): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    // Just after another fault, a broker may not know yet that it leads a partition.
    const ends = async (): Promise<string | undefined> =>
      await endOffsets(admin, topic).then(
        (found) => [...found].sort().join(' '),
        () => undefined,
      )
    await waitUntil(`no record is written to ${topic}`, async () => {
      const before = await ends()
      await sleep(stillMs)
      return before !== undefined && before === (await ends())
    })
  })
}

/** Creates a topic again. Kafka refuses for a moment, until the former topic is gone on every broker. */
async function createAgain({ system, kafka }: World, topic: string): Promise<void> {
  await waitUntil(`${topic} exists again`, async () => {
    const created = await createTopicsFromManifests(system.addresses.kafka).catch((): string[] => [])
    return created.includes(topic) || (await withAdmin(kafka, (admin) => admin.listTopics())).includes(topic)
  })
}

function consumerOf(topic: string): ServiceName | undefined {
  const consumers = Object.entries(topicsOf) as [ServiceName, readonly string[]][]
  return consumers.find(([, topics]) => topics.includes(topic))?.[0]
}
