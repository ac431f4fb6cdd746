import type { Kafka } from '@boxoffice/kafka'
import { expect } from 'chai'
import type { Codec, MessageHandler, ReceivedMessage, Sql, SqlDatabase } from './index.ts'
import {
  createDeadLetters,
  createPositions,
  createReplays,
  createRestorer,
  type RestoreHandler,
} from './operations.ts'

type KyselyTx = Sql & { readonly trx: string }
type DrizzleTx = Sql & { readonly db: string }
interface OrderPlaced extends ReceivedMessage {
  readonly body: { readonly order: string }
}

/** Is compiled and never called: a `@ts-expect-error` without an error does not compile. */
function compiles(given: {
  readonly kafka: Kafka
  readonly database: SqlDatabase<KyselyTx>
  readonly codec: Codec<OrderPlaced>
  readonly ours: MessageHandler<KyselyTx, OrderPlaced>
  readonly others: MessageHandler<DrizzleTx, OrderPlaced>
  readonly restoring: RestoreHandler<KyselyTx>
  readonly restoringOthers: RestoreHandler<DrizzleTx>
}): readonly unknown[] {
  const { kafka, database, codec, ours, others, restoring, restoringOthers } = given
  const options = { name: 'billing', source: 'billing', kafka, database }
  const log = console
  const openHeld = async () => ({ ...database, close: async () => undefined })
  return [
    createDeadLetters({ ...options, handler: ours }),
    createPositions({ ...options, handler: ours }),
    createReplays({ ...options, handler: ours }),
    createRestorer({ ...options, handler: ours, restoring, openHeld, log }),
    createReplays({
      ...options,
      handler: {
        topics: [],
        codec,
        handle: async (tx, messages) => ({
          outbox: [],
          seen: [tx.trx, messages.map(({ body }) => body.order)],
        }),
      },
    }),
    // @ts-expect-error
    createDeadLetters({ ...options, handler: others }),
    // @ts-expect-error
    createPositions({ ...options, handler: others }),
    // @ts-expect-error
    createReplays({ ...options, handler: others }),
    // @ts-expect-error
    createRestorer({ ...options, handler: others, restoring, openHeld, log }),
    // @ts-expect-error
    createRestorer({ ...options, handler: ours, restoring: restoringOthers, openHeld, log }),
  ]
}

describe("the operators' door of messaging, given a handler", () => {
  it('takes that of its database, and one for another transaction type does not compile', () => {
    expect(compiles).to.be.a('function')
  })
})
