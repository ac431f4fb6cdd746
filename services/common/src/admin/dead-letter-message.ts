import {
  type DeadLetter,
  DeadLetterAction,
  type DeadLetterEvent,
  DeadLetterEventSchema,
  DeadLetterHeaderSchema,
  DeadLetterReason,
  DeadLetterSchema,
  DeadLetterState,
  DiscardOutcome,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import type { DeadLetterFilter } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { create, toJsonString } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { DeadLetterEventRow } from '../dead-letters/dead-letter-events.ts'
import type { DeadLetterFilter as Filter } from '../dead-letters/dead-letter-filter.ts'
import {
  type DeadLetterRow,
  recordOf,
  type DeadLetterState as State,
  type WholeDeadLetterRow,
} from '../dead-letters/dead-letter-rows.ts'
import { isOutcomeRequired } from '../dead-letters/outcome-required.ts'
import { createDecode, type PoisonReason } from '../message/decode.ts'
import type { MessageHandler } from '../message/message-handler.ts'
import { headerList } from '../message/stored-headers.ts'

/** A filter as messaging takes it: a field that is not set matches everything. */
export function toFilter(filter: DeadLetterFilter | undefined): Filter {
  return {
    consumer: filter?.consumer || undefined,
    topic: filter?.topic || undefined,
    type: filter?.type || undefined,
    reason: nameOf<PoisonReason>(DeadLetterReason, filter?.reason),
    key: filter?.key,
    state: nameOf<State>(DeadLetterState, filter?.state),
  }
}

function nameOf<Name extends string>(
  names: { readonly [name in Name]: number },
  value = 0,
): Name | undefined {
  return value === 0 ? undefined : (Object.keys(names) as Name[]).find((name) => names[name] === value)
}

/** A dead letter as lists show it: without payload, headers and history. */
export function toDeadLetter(row: DeadLetterRow, handler: MessageHandler): DeadLetter {
  return create(DeadLetterSchema, {
    deadLetterId: row.dead_letter_id,
    consumer: row.consumer,
    messageId: row.message_id,
    type: row.type ?? '',
    topic: row.topic,
    partition: row.partition,
    offset: BigInt(row.offset),
    ...(row.key === null ? {} : { key: row.key }),
    reason: DeadLetterReason[row.reason],
    error: row.error,
    attempts: row.attempts,
    state: DeadLetterState[row.state],
    createTime: timestampFromDate(new Date(row.put_aside_at)),
    outcomeRequired: isOutcomeRequired(row, handler),
    outcome: row.outcome === null ? DiscardOutcome.UNSPECIFIED : DiscardOutcome[row.outcome],
  })
}

/** A dead letter with everything that is known of it. */
export function toWholeDeadLetter(
  row: WholeDeadLetterRow,
  events: readonly DeadLetterEventRow[],
  handler: MessageHandler,
): DeadLetter {
  return create(DeadLetterSchema, {
    ...toDeadLetter(row, handler),
    ...(row.payload === null ? {} : { payload: row.payload }),
    ...(row.payload_bytes === null ? {} : { payloadBytes: BigInt(row.payload_bytes) }),
    ...(row.payload_sha256 === null ? {} : { payloadSha256: row.payload_sha256 }),
    payloadJson: payloadJson(row, handler),
    headers: headerList(row.headers).map(({ name, value }) =>
      create(DeadLetterHeaderSchema, { name, ...(value && { value }) }),
    ),
    history: [putAsideEvent(row), ...events.map(toEvent)],
  })
}

function payloadJson(row: WholeDeadLetterRow, handler: MessageHandler): string {
  const decoded = createDecode(handler.schemas)(recordOf(row))
  if ('poison' in decoded) return ''
  const { schema, body } = decoded.message
  try {
    return toJsonString(schema, body, { alwaysEmitImplicit: true })
  } catch {
    // JSON cannot say all that the wire can, such as a time past the year 9999. The bytes are shown all the same.
    return ''
  }
}

/** A consumer puts many aside at once: that they were is in their rows. */
function putAsideEvent(row: WholeDeadLetterRow): DeadLetterEvent {
  return create(DeadLetterEventSchema, {
    action: DeadLetterAction.PUT_ASIDE,
    time: timestampFromDate(new Date(row.put_aside_at)),
    subject: row.consumer,
  })
}

function toEvent(event: DeadLetterEventRow): DeadLetterEvent {
  return create(DeadLetterEventSchema, {
    action: DeadLetterAction[event.action],
    time: timestampFromDate(new Date(event.occurred_at)),
    subject: event.subject,
    detail: event.detail,
    redriveId: event.redrive_id ?? '',
  })
}
