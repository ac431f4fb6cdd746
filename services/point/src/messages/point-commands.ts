import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { MessageHandler } from '@boxoffice/messaging'
import { createProtobufCodec, topicOf, typeNames } from '@boxoffice/messaging-protobuf'
import { UsePointCommandSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { pointCommandSchemas, toPointCommand } from '../contract/point-command.ts'
import { discardCommand } from '../use-cases/discard-command.ts'
import { movePoints } from '../use-cases/move-points.ts'

/** point-commands: debits and refunds, each answered on point-events. Both move money. */
export const pointCommands = {
  topics: [topicOf(UsePointCommandSchema)],
  codec: createProtobufCodec(pointCommandSchemas),
  handle: (em, messages) => movePoints(em, messages.map(toPointCommand)),
  discarding: {
    types: typeNames(pointCommandSchemas),
    discard: (em, message, outcome) => discardCommand(em, toPointCommand(message), outcome),
  },
} satisfies MessageHandler<EntityManager>
