import { DeadLetterSchema, DiscardOutcome } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { Command, Option } from 'commander'
import { requestIdOption } from '../../arguments.ts'
import { findDeadLetter, presentDeadLetter } from '../../find-dead-letter.ts'
import { jsonOf } from '../../output.ts'
import { repeatable } from '../../repeatable.ts'
import { examples, runCommand } from '../../run-command.ts'
import type { Session } from '../../session.ts'
import { deadLetterArgument } from './letter-text.ts'

interface DiscardOptions {
  readonly reason: string
  readonly outcome?: keyof typeof outcomes
  readonly requestId: string
}

const outcomes = { refused: DiscardOutcome.REFUSED, done: DiscardOutcome.DONE } as const

/** `dead-letters discard`: gives a message up for good. */
export function discardDeadLetterCommand(signal: AbortSignal): Command {
  return new Command('discard')
    .description(
      'Gives a message up for good. Messages that wait behind it stay put aside until their key is redriven.',
    )
    .addArgument(deadLetterArgument())
    .addOption(new Option('--reason <text>', 'the reason, for the history').makeOptionMandatory())
    .addOption(
      new Option(
        '--outcome <outcome>',
        'the outcome to record and answer if money or seats depend on the message',
      ).choices(Object.keys(outcomes)),
    )
    .addOption(requestIdOption())
    .addHelpText(
      'after',
      examples(
        'dead-letters discard 6fa459ea-ee8a-4ca4-894e-db77e160355e --reason "a test record" --outcome refused',
      ),
    )
    .action(runCommand(signal, discardDeadLetter))
}

async function discardDeadLetter(
  session: Session,
  options: DiscardOptions,
  deadLetterId: string,
): Promise<void> {
  const { service } = await findDeadLetter(session, deadLetterId)
  const request = {
    requestId: options.requestId,
    deadLetterId,
    reason: options.reason,
    ...(options.outcome === undefined ? {} : { outcome: outcomes[options.outcome] }),
  }
  const answer = await repeatable(options.requestId, () =>
    session.operator(DeadLetterService, service).discardDeadLetter(request, { signal: session.signal }),
  )
  const deadLetter = presentDeadLetter(answer.deadLetter)
  session.output.result({
    json: () => jsonOf(DeadLetterSchema, deadLetter),
    table: () => `${deadLetterId} is discarded${options.outcome ? ` as ${options.outcome}` : ''}.`,
  })
  session.output.note('to handle the messages that wait behind it: npx boxoffice dead-letters redrive --all')
}
