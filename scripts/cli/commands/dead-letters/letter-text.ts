import {
  type DeadLetter,
  DeadLetterActionSchema,
  type DeadLetterEvent,
  DeadLetterReasonSchema,
  DeadLetterState,
  DeadLetterStateSchema,
  DiscardOutcome,
  DiscardOutcomeSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import { Argument } from 'commander'
import { uuid } from '../../arguments.ts'
import { enumName } from '../../enum-name.ts'
import type { Output } from '../../output.ts'
import { pairs, table } from '../../table.ts'
import { harmless, timeText } from '../../text.ts'

/** The argument with the dead letter of a command. */
export function deadLetterArgument(usage = '<dead-letter>'): Argument {
  return new Argument(usage, 'its id').argParser(uuid)
}

/** Dead letters as a table, one per line. */
export function deadLetterTable(letters: readonly DeadLetter[], output: Output): string {
  return table(
    letters,
    [
      { title: 'DEAD LETTER', value: ({ deadLetterId }) => deadLetterId },
      { title: 'PUT ASIDE', value: ({ createTime }) => timeText(createTime) },
      { title: 'CONSUMER', value: ({ consumer }) => consumer },
      { title: 'PLACE', value: ({ topic, partition, offset }) => `${topic}/${partition}/${offset}` },
      { title: 'KEY', value: ({ key }) => shorten(keyText(key), 36) },
      { title: 'TYPE', value: ({ type }) => harmless(type.slice(type.lastIndexOf('.') + 1)) },
      { title: 'REASON', value: ({ reason }) => enumName(DeadLetterReasonSchema, reason) },
      { title: 'STATE', value: (letter) => stateText(letter, output) },
    ],
    (titles) => output.paint('dim', titles),
  )
}

/** A dead letter with all its details. */
export function deadLetterText(letter: DeadLetter, output: Output): string {
  const about = pairs([
    ['dead letter', letter.deadLetterId],
    ['state', stateText(letter, output)],
    ['reason', enumName(DeadLetterReasonSchema, letter.reason)],
    ['error', harmless(letter.error)],
    ['attempts', String(letter.attempts)],
    ['consumer', letter.consumer],
    ['place', `${letter.topic}/${letter.partition}/${letter.offset}`],
    ['key', keyText(letter.key)],
    ['message', letter.messageId],
    ['type', harmless(letter.type) || 'unknown'],
    [
      'discard',
      letter.outcomeRequired ? 'needs an outcome: money or seats may depend on it' : 'needs no outcome',
    ],
    ...(letter.outcome === DiscardOutcome.UNSPECIFIED
      ? []
      : [['outcome', enumName(DiscardOutcomeSchema, letter.outcome)] as const]),
  ])
  const headers = letter.headers.map(({ name, value }) => [bytesText(name), bytesText(value)] as const)
  const history = letter.history.map(
    (event) =>
      `${timeText(event.time)}  ${enumName(DeadLetterActionSchema, event.action)} ${eventText(event)}`,
  )
  return [
    about,
    ...(headers.length === 0 ? [] : ['', output.paint('dim', 'headers'), pairs(headers)]),
    '',
    output.paint('dim', 'payload'),
    letter.payloadJson === '' ? rawText(letter) : harmlessJson(letter.payloadJson),
    '',
    output.paint('dim', 'history'),
    ...history,
  ].join('\n')
}

/** The key as text if its bytes are clean text, otherwise in base64. */
function keyText(key: Uint8Array | undefined): string {
  return key === undefined ? '–' : bytesText(key)
}

function stateText({ state }: DeadLetter, { paint }: Output): string {
  const name = enumName(DeadLetterStateSchema, state)
  return state === DeadLetterState.PUT_ASIDE ? paint('yellow', name) : name
}

function eventText({ subject, detail, redriveId }: DeadLetterEvent): string {
  const parts = [`by ${harmless(subject)}`, harmless(detail), redriveId && `redrive ${redriveId}`]
  return parts.filter((part) => part !== '').join(': ')
}

function rawText({ payload, payloadBytes, payloadSha256 = new Uint8Array() }: DeadLetter): string {
  if (payload === undefined) return 'null'
  const shown = Buffer.from(payload.subarray(0, 256)).toString('base64')
  const text = `${payload.length} bytes that cannot be decoded: ${shown}${payload.length > 256 ? '…' : ''}`
  if (payloadBytes === undefined) return text
  return `the first ${text}\nof ${payloadBytes}, SHA-256 ${Buffer.from(payloadSha256).toString('hex')}`
}

function harmlessJson(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2)
}

function bytesText(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return 'null'
  const text = Buffer.from(bytes).toString()
  const isClean = Buffer.from(text).equals(Buffer.from(bytes)) && !/\p{Cc}/u.test(text)
  return isClean ? text : `base64:${Buffer.from(bytes).toString('base64')}`
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text
}
