import type { MessageHandler } from '@boxoffice/messaging'
import type { Tracer } from '@boxoffice/messaging/telemetry'
import type { Kafka } from '../kafka/client.ts'
import type { Database } from '../postgres/database.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'

/** The parts that the operators' services are made of. */
export interface AdminParts {
  /** The service, its Kafka group and the name of its consumer. */
  readonly name: string
  readonly handler: MessageHandler<EntityManager>
  readonly database: Database
  readonly kafka: Kafka
  readonly tracer?: Tracer | undefined
}
