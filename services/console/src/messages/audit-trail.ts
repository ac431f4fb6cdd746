import type { MessageHandler } from '@boxoffice/common/message/message-handler.ts'
import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import { factsOf } from '../contract/facts.ts'
import { type AuditedRecord, readRecord } from '../contract/read-record.ts'
import { allTopics, schemas } from '../contract/schemas.ts'
import { recordFacts } from '../storage/record-facts.ts'
import { recordMessages } from '../storage/record-messages.ts'

/** Keeps every record of every topic, and what the messages tell of payments, points and seats. */
export function auditTrail(onRecorded: () => void): MessageHandler<EntityManager> {
  return {
    topics: allTopics,
    schemas,
    read: readRecord,
    async handle(em, messages) {
      // What `read` made.
      const records = messages as readonly AuditedRecord[]
      await recordMessages(em, records)
      await recordFacts(em, factsOf(records))
      return { outbox: [], afterCommit: onRecorded }
    },
  }
}
