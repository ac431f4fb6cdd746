import type { MessageHandler } from '@boxoffice/messaging'
import type { DeadLetterEventRow, DeadLetterFilter as Filter } from '@boxoffice/messaging/operations'
import {
  type DeadLetterRow,
  deadLetterJson,
  headerList,
  isOutcomeRequired,
  type PoisonReason,
  type DeadLetterState as State,
  type WholeDeadLetterRow,
} from '@boxoffice/messaging/operations'
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
import { create } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'

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
    payloadJson: deadLetterJson(row, handler.codec),
    headers: headerList(row.headers).map(({ name, value }) =>
      create(DeadLetterHeaderSchema, { name, ...(value && { value }) }),
    ),
    history: [putAsideEvent(row), ...events.map(toEvent)],
  })
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
