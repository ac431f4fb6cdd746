import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { MessageHandler } from '@boxoffice/messaging'
import { typeNames } from '@boxoffice/messaging-protobuf'
import { factsOf } from '../contract/facts.ts'
import { type AuditedRecord, readRecord } from '../contract/read-record.ts'
import { allTopics, schemas } from '../contract/schemas.ts'
import { recordFacts } from '../storage/record-facts.ts'
import { recordMessages } from '../storage/record-messages.ts'

/** Stores every record of every topic, and what the messages state about payments, points and seats. */
export function auditTrail(onRecorded: () => void): MessageHandler<EntityManager, AuditedRecord> {
  return {
    topics: allTopics,
    codec: { types: typeNames(schemas), decode: readRecord },
    async handle(em, records) {
      await recordMessages(em, records)
      await recordFacts(em, factsOf(records))
      return { outbox: [], afterCommit: onRecorded }
    },
  }
}
