import type {
  DeadLetterFilter as Filter,
  DeadLetter as Letter,
  WholeDeadLetter,
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
    reason: nameOf<Letter['reason']>(DeadLetterReason, filter?.reason),
    key: filter?.key,
    state: nameOf<Letter['state']>(DeadLetterState, filter?.state),
  }
}

function nameOf<Name extends string>(
  names: { readonly [name in Name]: number },
  value = 0,
): Name | undefined {
  return value === 0 ? undefined : (Object.keys(names) as Name[]).find((name) => names[name] === value)
}

/** A dead letter as lists show it: without payload, headers and history. */
export function toDeadLetter(letter: Letter): DeadLetter {
  const { deadLetterId, consumer, messageId, topic, partition, offset, key, error, attempts, outcome } =
    letter
  return create(DeadLetterSchema, {
    deadLetterId,
    consumer,
    messageId,
    type: letter.type ?? '',
    topic,
    partition,
    offset,
    ...(key === null ? {} : { key }),
    reason: DeadLetterReason[letter.reason],
    error,
    attempts,
    state: DeadLetterState[letter.state],
    createTime: timestampFromDate(letter.putAsideAt),
    outcomeRequired: letter.isOutcomeRequired,
    outcome: outcome === null ? DiscardOutcome.UNSPECIFIED : DiscardOutcome[outcome],
  })
}

/** A dead letter with everything that is known of it. */
export function toWholeDeadLetter(letter: WholeDeadLetter): DeadLetter {
  const { payload, payloadBytes, payloadSha256 } = letter
  return create(DeadLetterSchema, {
    ...toDeadLetter(letter),
    ...(payload === null ? {} : { payload }),
    ...(payloadBytes === null ? {} : { payloadBytes }),
    ...(payloadSha256 === null ? {} : { payloadSha256 }),
    payloadJson: letter.json,
    headers: letter.headers.map(({ name, value }) =>
      create(DeadLetterHeaderSchema, { name, ...(value && { value }) }),
    ),
    history: letter.history.map(toEvent),
  })
}

function toEvent(event: WholeDeadLetter['history'][number]): DeadLetterEvent {
  return create(DeadLetterEventSchema, {
    action: DeadLetterAction[event.action],
    time: timestampFromDate(event.time),
    subject: event.subject,
    detail: event.detail,
    redriveId: event.redriveId ?? '',
  })
}
