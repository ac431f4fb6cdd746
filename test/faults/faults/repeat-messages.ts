import { type OutgoingRecord, VerifiedProducer } from '@boxoffice/kafka'
import { serviceNames } from '../../../scripts/platform/databases.ts'
import { asAdmin } from '../../support/as-admin.ts'
import type { WholeRow } from '../committed-rows.ts'
import type { Fault } from '../fault.ts'
import { serviceOf } from '../world.ts'

/** Messages that are already in Kafka arrive again, in another order. */
export const repeatMessages: Fault = {
  name: 'repeat-messages',
  targets: serviceNames,
  lastsMs: [0, 0],
  ground: (target) => `messages of ${target}`,
  async inject(world, target, random) {
    // Read these before the table: a row that is committed after the query is not among the waiting ones, nor sent
    // yet.
    const recent = world.committed.recent(serviceOf(target))
    // A row that is still in the table may not have been sent, so sending it would not be a repeat.
    const waiting = await asAdmin(
      world.system,
      async (admin) => (await admin.query<{ id: string }>('SELECT message_id AS id FROM outbox')).rows,
      target,
    )
    const unsent = new Set(waiting.map((row) => row.id))
    const rows = recent.filter((row) => !unsent.has(row.messageId) && !row.topic.endsWith('-dlt'))
    const producer = new VerifiedProducer({ kafka: world.kafka, patienceMs: 10_000 })
    try {
      await producer.send(random.shuffled(rows).slice(0, random.between(1, 200)).map(recordOf))
    } finally {
      await producer.close()
    }
    return async () => {}
  },
}

function recordOf({ topic, keyBytes, payload, headers }: WholeRow): OutgoingRecord {
  return { topic, key: keyBytes, value: payload, headers: { ...(headers as Record<string, string>) } }
}
