import {
  type DeadLetter,
  DeadLetterSchema,
  DeadLetterState,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { Command, Option } from 'commander'
import { integer } from '../../../integer-option.ts'
import type { ServiceName } from '../../../platform/databases.ts'
import { consumerNames } from '../../arguments.ts'
import { jsonOf } from '../../output.ts'
import { examples, runCommand } from '../../run-command.ts'
import type { Session } from '../../session.ts'
import { addFilterOptions, type FilterOptions, filterOf } from './filter.ts'
import { deadLetterTable } from './letter-text.ts'

interface ListOptions extends FilterOptions {
  readonly state: keyof typeof states
  readonly limit: number
}

const states = {
  'put-aside': DeadLetterState.PUT_ASIDE,
  redriven: DeadLetterState.REDRIVEN,
  discarded: DeadLetterState.DISCARDED,
  all: DeadLetterState.UNSPECIFIED,
} as const

/** `dead-letters list`: the dead letters, oldest first. */
export function listDeadLettersCommand(signal: AbortSignal): Command {
  return addFilterOptions(
    new Command('list').description(
      'Lists the dead letters of each service, oldest first. KEY_PARKED: the message itself is fine; it waits behind another one.',
    ),
  )
    .addOption(new Option('--state <state>', 'their state').choices(Object.keys(states)).default('put-aside'))
    .addOption(
      new Option('--limit <letters>', 'at most this many of each service')
        .argParser(integer(1, 100_000))
        .default(50),
    )
    .addHelpText(
      'after',
      examples(
        'dead-letters list',
        'dead-letters list --consumer payment --reason handler-failed -o json',
        'dead-letters list --state all --key demo',
      ),
    )
    .action(runCommand(signal, listDeadLetters))
}

async function listDeadLetters(session: Session, options: ListOptions): Promise<void> {
  const { output } = session
  const services = options.consumer === undefined ? consumerNames : [options.consumer]
  const found = (await Promise.all(services.map((service) => lettersOf(session, service, options)))).flat()
  output.result({
    json: () => found.map((letter) => jsonOf(DeadLetterSchema, letter)),
    table: () => (found.length === 0 ? 'There are none.' : deadLetterTable(found, output)),
  })
}

async function lettersOf(
  session: Session,
  service: ServiceName,
  options: ListOptions,
): Promise<DeadLetter[]> {
  const letters = session.operator(DeadLetterService, service)
  const filter = filterOf(options, states[options.state])
  const found: DeadLetter[] = []
  let pageToken = ''
  do {
    const pageSize = Math.min(200, options.limit - found.length)
    const page = await letters.listDeadLetters({ filter, pageSize, pageToken }, { signal: session.signal })
    found.push(...page.deadLetters)
    pageToken = page.nextPageToken
  } while (pageToken !== '' && found.length < options.limit)
  return found
}
