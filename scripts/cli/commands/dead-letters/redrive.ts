import {
  DeadLetterService,
  type RedriveDeadLettersRequestSchema,
  type RedriveReceipt,
  RedriveReceiptSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { Command, Option } from 'commander'
import { integer } from '../../../integer-option.ts'
import type { ServiceName } from '../../../platform/databases.ts'
import { consumerNames, requestIdOption } from '../../arguments.ts'
import { Failure } from '../../failure.ts'
import { findDeadLetter } from '../../find-dead-letter.ts'
import { jsonOf } from '../../output.ts'
import { repeatable } from '../../repeatable.ts'
import { examples, runCommand } from '../../run-command.ts'
import type { Session } from '../../session.ts'
import { pairs } from '../../table.ts'
import { harmless } from '../../text.ts'
import { addFilterOptions, type FilterOptions, filterOf } from './filter.ts'
import { deadLetterArgument } from './letter-text.ts'

interface RedriveOptions extends FilterOptions {
  readonly all?: boolean
  readonly maxMessages: number
  readonly requestId: string
}

type Selection = NonNullable<MessageInitShape<typeof RedriveDeadLettersRequestSchema>['selection']>

/** Long, because thousands of messages take a while. */
const deadlineMs = 600_000

/** `dead-letters redrive`: handles put-aside messages again. */
export function redriveDeadLettersCommand(signal: AbortSignal): Command {
  const command = addFilterOptions(
    new Command('redrive').description(
      'Handles put-aside messages again, key by key and in order; a key whose message fails again stops there.',
    ),
  )
  return command
    .addArgument(deadLetterArgument('[dead-letter]'))
    .option('--all', 'all messages that are put aside')
    .addOption(
      new Option(
        '--max-messages <messages>',
        'begin no further key after this many messages, in each service',
      )
        .argParser(integer(1, 10_000))
        .default(1_000),
    )
    .addOption(requestIdOption())
    .addHelpText(
      'after',
      examples(
        'dead-letters redrive 6fa459ea-ee8a-4ca4-894e-db77e160355e   # with all that waits behind it',
        'dead-letters redrive --consumer point --key demo',
        'dead-letters redrive --reason handler-failed                # after a good deploy',
        'dead-letters redrive --all',
      ),
    )
    .hook('preAction', () => refuseVague(command))
    .action(runCommand(signal, redriveDeadLetters))
}

/** Refuses a command without a selection: only --all redrives everything. */
function refuseVague(command: Command): void {
  const { all, consumer, topic, type, reason, key } = command.opts<RedriveOptions>()
  const chosen = [consumer, topic, type, reason, key].some((option) => option !== undefined)
  const hasId = command.args.length > 0
  if (!hasId && !chosen && !all) command.error('error: give an id, filter options, or --all')
  if (hasId && (chosen || all)) command.error('error: give an id or filter options, not both')
  if (all && chosen) command.error('error: give --all or filter options, not both')
}

async function redriveDeadLetters(
  session: Session,
  options: RedriveOptions,
  deadLetterId?: string,
): Promise<void> {
  const { output } = session
  const receipts = await (deadLetterId === undefined
    ? redriveFilter(session, options)
    : redriveLetter(session, options, deadLetterId))
  output.result({
    json: () => receipts.map((receipt) => jsonOf(RedriveReceiptSchema, receipt)),
    table: () => receiptText(receipts),
  })
  const failed = receipts.reduce((sum, receipt) => sum + receipt.failed, 0n)
  if (failed > 0n) {
    throw new Failure('REDRIVE_FAILED', `${failed} of them failed again; each blocks its key`, {
      next: [
        'npx boxoffice dead-letters show <DEAD LETTER> shows why',
        'then redrive it again, or discard it',
      ],
    })
  }
}

async function redriveLetter(
  session: Session,
  options: RedriveOptions,
  deadLetterId: string,
): Promise<RedriveReceipt[]> {
  const { service } = await findDeadLetter(session, deadLetterId)
  return [await redrive(session, service, { case: 'deadLetterId', value: deadLetterId }, options)]
}

async function redriveFilter(session: Session, options: RedriveOptions): Promise<RedriveReceipt[]> {
  const services = options.consumer === undefined ? consumerNames : [options.consumer]
  const selection: Selection = { case: 'filter', value: filterOf(options) }
  const receipts: RedriveReceipt[] = []
  for (const service of services) receipts.push(await redrive(session, service, selection, options))
  return receipts
}

async function redrive(
  session: Session,
  service: ServiceName,
  selection: Selection,
  { maxMessages, requestId }: RedriveOptions,
): Promise<RedriveReceipt> {
  const letters = session.operator(DeadLetterService, service)
  const request = { requestId, selection, maxMessages }
  const { receipt } = await repeatable(requestId, () =>
    letters.redriveDeadLetters(request, { signal: session.signal, deadlineMs }),
  )
  if (receipt === undefined) throw new Error('the answer holds no receipt')
  return receipt
}

function receiptText(receipts: readonly RedriveReceipt[]): string {
  const sum = (count: (receipt: RedriveReceipt) => bigint): string =>
    receipts.reduce((total, receipt) => total + count(receipt), 0n).toLocaleString('en-US')
  const failures = receipts.flatMap((receipt) => receipt.failures)
  return [
    pairs([
      ['redriven', sum(({ redriven }) => redriven)],
      ['failed again', sum(({ failed }) => failed)],
      ['still put aside', sum(({ remaining }) => remaining)],
    ]),
    ...failures.map(
      ({ deadLetterId, error, remaining }) =>
        `  ${deadLetterId}: ${harmless(error)}; ${remaining} of its key still put aside`,
    ),
  ].join('\n')
}
