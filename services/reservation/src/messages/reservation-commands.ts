import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { MessageHandler } from '@boxoffice/messaging'
import { createProtobufCodec, topicOf } from '@boxoffice/messaging-protobuf'
import { ConfirmSeatsCommandSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { toConfirmCommand } from '../contract/confirm-command.ts'
import { confirmSeats } from '../use-cases/confirm-seats.ts'
import { discardCommand } from '../use-cases/discard-command.ts'

/** reservation-commands: seats sold to payments, each answered on reservation-events. */
export const reservationCommands: MessageHandler<EntityManager> = {
  topics: [topicOf(ConfirmSeatsCommandSchema)],
  codec: createProtobufCodec([ConfirmSeatsCommandSchema]),
  handle: (em, messages) => confirmSeats(em, messages.map(toConfirmCommand)),
  discarding: {
    types: [ConfirmSeatsCommandSchema.typeName],
    discard: (em, message, outcome) => discardCommand(em, toConfirmCommand(message), outcome),
  },
}
