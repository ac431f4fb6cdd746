import { DeadLetterReason, DeadLetterState } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import type { DeadLetterFilterSchema } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ServiceName } from '../../../platform/databases.ts'
import { consumerOption } from '../../arguments.ts'

export interface FilterOptions {
  readonly consumer?: ServiceName
  readonly topic?: string
  readonly type?: string
  readonly reason?: DeadLetterReason
  readonly key?: Buffer
}

/** Adds the options that select dead letters. */
export function addFilterOptions(command: Command): Command {
  return command
    .addOption(consumerOption())
    .addOption(new Option('--topic <topic>', 'the topic that they were read from'))
    .addOption(new Option('--type <name>', "the message's protobuf full name"))
    .addOption(
      new Option(
        '--reason <reason>',
        `why they were put aside: ${names(DeadLetterReason).join(', ')}`,
      ).argParser(reason),
    )
    .addOption(
      new Option('--key <key>', "the record's key; base64:… for bytes that are not text").argParser(keyOf),
    )
}

export function filterOf(
  { topic, type, reason, key }: FilterOptions,
  state: DeadLetterState = DeadLetterState.UNSPECIFIED,
): MessageInitShape<typeof DeadLetterFilterSchema> {
  return {
    state,
    ...(topic === undefined ? {} : { topic }),
    ...(type === undefined ? {} : { type }),
    ...(reason === undefined ? {} : { reason }),
    ...(key === undefined ? {} : { key }),
  }
}

function reason(text: string): DeadLetterReason {
  const name = text.toUpperCase().replaceAll('-', '_')
  if (name === 'UNSPECIFIED' || !(name in DeadLetterReason)) {
    throw new InvalidArgumentError(`It takes one of ${names(DeadLetterReason).join(', ')}.`)
  }
  return DeadLetterReason[name as keyof typeof DeadLetterReason]
}

function keyOf(text: string): Buffer {
  return text.startsWith('base64:') ? Buffer.from(text.slice('base64:'.length), 'base64') : Buffer.from(text)
}

/** The names as users type them. */
function names(values: object): string[] {
  return Object.keys(values)
    .filter((name) => name !== 'UNSPECIFIED')
    .map((name) => name.toLowerCase().replaceAll('_', '-'))
}
