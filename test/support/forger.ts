import { createKafka } from '@boxoffice/common/kafka/client.ts'
import { VerifiedProducer } from '@boxoffice/kafka'
import type { OutboxMessage } from '@boxoffice/messaging'
import { kafkaAs } from '../../scripts/platform/security.ts'
import { present } from './customer.ts'
import type { TestSystem } from './shared-system.ts'

/** The relay that may write each topic. */
export const writerOf: Readonly<Record<string, string>> = {
  'point-commands': 'relay-payment',
  'reservation-commands': 'relay-payment',
  'payment-events': 'relay-payment',
  'point-events': 'relay-point',
  'reservation-events': 'relay-reservation',
}

/** An attacker who has the relays' Kafka passwords. */
export interface Forger {
  /** Writes records, each with the password of the relay that may write its topic. */
  write(records: readonly OutboxMessage[]): Promise<void>
  close(): Promise<void>
}

export function startForger(system: TestSystem): Forger {
  const security = present(system.security)
  const producers = new Map<string, VerifiedProducer>()
  const producerFor = (topic: string): VerifiedProducer => {
    const user = present(writerOf[topic])
    const known = producers.get(user)
    if (known !== undefined) return known
    const address = kafkaAs(user, system.addresses.kafka.brokers, security.kafka)
    const kafka = createKafka({ ...address, clientId: `forger-${user}` })
    const producer = new VerifiedProducer({ kafka, patienceMs: 20_000 })
    producers.set(user, producer)
    return producer
  }
  async function write(records: readonly OutboxMessage[]): Promise<void> {
    for (const [topic, some] of Map.groupBy(records, (record) => record.topic)) {
      const outgoing = some.map(({ key, payload, headers }) => ({
        topic,
        key: key === null ? null : Buffer.from(key),
        value: payload === null ? null : Buffer.from(payload),
        headers: headers as Record<string, string>,
      }))
      const { deferred } = await producerFor(topic).send(outgoing)
      if (deferred[0] !== undefined) throw new Error(`${topic}: ${deferred[0].reason}`)
    }
  }
  // A producer sends one batch at a time.
  let last: Promise<unknown> = Promise.resolve()
  return {
    write(records) {
      const written = last.then(() => write(records))
      last = written.catch(() => undefined)
      return written
    },
    async close() {
      await Promise.all([...producers.values()].map((producer) => producer.close()))
    },
  }
}
