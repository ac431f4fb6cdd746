import type { Decode } from '../../message/decode.ts'
import type { Handled, MessageHandler } from '../../message/message-handler.ts'
import type { ReceivedMessage } from '../../message/received-message.ts'
import { appendToOutbox } from '../../outbox/append.ts'
import { isOfEarlierWrite } from '../../sql/earlier-write.ts'
import type { Sql, SqlDatabase } from '../../sql/sql.ts'
import type { Tracer } from '../../telemetry/tracer.ts'

/** What is needed to handle messages, when they arrive and when they are redriven. */
export interface HandlingParts {
  readonly consumer: string
  readonly source: string
  readonly database: SqlDatabase
  readonly handler: MessageHandler
  readonly decode: Decode
  readonly tracer?: Tracer | undefined
}

/** The handler threw, or returned messages that cannot be sent; `cause` is the error. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError'
}

/**
 * Throws any error as it is, except for those that the handler has caused and that come late: a statement failed that
 * had not been sent at once, or a statement failed and the handler went on, so that PostgreSQL refused the commit.
 *
 * @throws HandlerError
 */
export function blameHandler(error: unknown): never {
  if (isOfEarlierWrite(error)) throw new HandlerError('a write of the handler failed', { cause: error })
  if ((error as { code?: unknown } | null)?.code !== 'COMMIT_REFUSED') throw error
  throw new HandlerError('the handler went on after a statement had failed', { cause: error })
}

/** Lets the handler apply messages and appends what they lead to. @throws HandlerError */
export async function handleMessages(
  sql: Sql,
  { handler }: Pick<HandlingParts, 'handler'>,
  messages: readonly ReceivedMessage[],
): Promise<Handled> {
  try {
    const handled = await handler.handle(sql, messages)
    await appendToOutbox(sql, handled.outbox)
    return handled
  } catch (error) {
    throw new HandlerError('the handler threw', { cause: error })
  }
}
