import { DeadLetterSchema } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import { Command } from 'commander'
import { findDeadLetter } from '../../find-dead-letter.ts'
import { jsonOf } from '../../output.ts'
import { examples, runCommand } from '../../run-command.ts'
import type { Session } from '../../session.ts'
import { deadLetterArgument, deadLetterText } from './letter-text.ts'

/** `dead-letters show`: one dead letter with all its details. */
export function showDeadLetterCommand(signal: AbortSignal): Command {
  return new Command('show')
    .description('Shows one dead letter: its problem, the message, and what was done about it.')
    .addArgument(deadLetterArgument())
    .addHelpText('after', examples('dead-letters show 6fa459ea-ee8a-4ca4-894e-db77e160355e'))
    .action(runCommand(signal, showDeadLetter))
}

async function showDeadLetter(session: Session, _options: object, deadLetterId: string): Promise<void> {
  const { deadLetter } = await findDeadLetter(session, deadLetterId)
  session.output.result({
    json: () => jsonOf(DeadLetterSchema, deadLetter),
    table: () => deadLetterText(deadLetter, session.output),
  })
}
