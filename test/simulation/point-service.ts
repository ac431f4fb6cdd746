import { received } from '@boxoffice/common/testing/received.ts'
import type { OutboxMessage } from '@boxoffice/messaging'
import {
  PointRefundedEventSchema,
  PointUsedEventSchema,
  RefundPointCommandSchema,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { create, fromBinary } from '@bufbuild/protobuf'
import { fromPointEvent } from '../../services/payment/src/messages/point-events.ts'
import { toPointCommand } from '../../services/point/src/contract/point-command.ts'
import { chargePoints, type PointRequest } from '../../services/point/src/domain/wallet.ts'
import {
  copyWalletTables,
  emptyWalletTables,
  memoryWalletStore,
  type WalletTables,
} from '../../services/point/src/testing/memory-wallets.ts'
import { movePointsIn } from '../../services/point/src/use-cases/move-points.ts'
import type { Message } from './message-log.ts'
import type { ServiceOptions } from './service.ts'

export type PointBooks = WalletTables

/**
 * Point as it is: its use case on tables in memory, and payment's reading of its answers.
 *
 * @param remembersDebits - false forgets what was decided for a payment, to see that this is noticed
 */
export function pointOptions(hasInbox: boolean, remembersDebits: boolean): ServiceOptions<PointBooks> {
  const movePoints = movePointsIn({
    ...memoryWalletStore,
    lock: (tables, userIds, paymentIds) =>
      memoryWalletStore.lock(tables, userIds, remembersDebits ? paymentIds : []),
  })
  return {
    name: 'point',
    topics: ['point-commands'],
    hasInbox,
    books: emptyWalletTables(),
    copyBooks: copyWalletTables,
    async handle(books, message) {
      const { outbox } = await movePoints(books, [toPointCommand(toReceived(message))])
      return outbox.map((answer) => toMessage(answer, message.paymentId))
    },
  }
}

export function charge({ wallets, ledger }: PointBooks, userId: string, amount: bigint): void {
  const entry = chargePoints(wallets.get(userId) ?? { userId, balance: 0n }, amount)
  if (entry === undefined) return
  ledger.push(entry)
  wallets.set(userId, { userId, balance: entry.balance })
}

function toReceived({ id, type, body }: Message) {
  const { paymentId, userId, amount } = body as PointRequest
  const schema = type === 'USE_POINTS' ? UsePointCommandSchema : RefundPointCommandSchema
  return { ...received(schema, create(schema, { paymentId, userId, amount }), userId), id }
}

function toMessage({ id, type, topic, payload }: OutboxMessage, paymentId: string): Message {
  const schema = type === PointUsedEventSchema.typeName ? PointUsedEventSchema : PointRefundedEventSchema
  const body = fromBinary(schema, payload as Uint8Array)
  const answer = fromPointEvent(received(schema, body, paymentId))
  return { id, type, topic, key: paymentId, paymentId, body: answer?.message }
}
