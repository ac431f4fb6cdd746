import { Command } from 'commander'
import { examples } from '../run-command.ts'
import { discardDeadLetterCommand } from './dead-letters/discard.ts'
import { listDeadLettersCommand } from './dead-letters/list.ts'
import { redriveDeadLettersCommand } from './dead-letters/redrive.ts'
import { showDeadLetterCommand } from './dead-letters/show.ts'

/** `dead-letters`: the messages that consumers have put aside. */
export function deadLettersCommand(signal: AbortSignal): Command {
  return new Command('dead-letters')
    .description('Shows, redrives and discards the messages that consumers have put aside.')
    .addCommand(listDeadLettersCommand(signal))
    .addCommand(showDeadLetterCommand(signal))
    .addCommand(redriveDeadLettersCommand(signal))
    .addCommand(discardDeadLetterCommand(signal))
    .addHelpText(
      'after',
      examples(
        'dead-letters list',
        'dead-letters show 6fa459ea-ee8a-4ca4-894e-db77e160355e',
        'dead-letters redrive --all',
      ),
    )
}
