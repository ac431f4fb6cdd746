import type { MessageHandler } from '@boxoffice/common/message/message-handler.ts'
import { topicOf } from '@boxoffice/common/message/topic-of.ts'
import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import { UsePointCommandSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { pointCommandSchemas, toPointCommand } from '../contract/point-command.ts'
import { discardCommand } from '../use-cases/discard-command.ts'
import { movePoints } from '../use-cases/move-points.ts'

/** point-commands: debits and refunds, each answered on point-events. Both carry money. */
export const pointCommands = {
  topics: [topicOf(UsePointCommandSchema)],
  schemas: pointCommandSchemas,
  handle: (em, messages) => movePoints(em, messages.map(toPointCommand)),
  discarding: {
    schemas: pointCommandSchemas,
    discard: (em, message, outcome) => discardCommand(em, toPointCommand(message), outcome),
  },
} satisfies MessageHandler<EntityManager>
