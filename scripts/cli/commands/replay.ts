import { Command } from 'commander'
import { examples } from '../run-command.ts'
import { cancelReplayCommand } from './replay/cancel.ts'
import { getReplayCommand } from './replay/get.ts'
import { startReplayCommand } from './replay/start.ts'
import { watchReplayCommand } from './replay/watch.ts'

/** `replay`: lets a consumer read past messages again. */
export function replayCommand(signal: AbortSignal): Command {
  return new Command('replay')
    .description(
      'Lets a consumer read past messages again; those that it has handled have no second effect. Nothing is paused, but new messages wait behind those that are read again.',
    )
    .usage('--consumer <name> --from <place> [options] | <command>')
    .addCommand(startReplayCommand(signal), { isDefault: true })
    .addCommand(getReplayCommand(signal))
    .addCommand(watchReplayCommand(signal))
    .addCommand(cancelReplayCommand(signal))
    .addHelpText(
      'after',
      examples(
        'replay --consumer payment --from earliest --dry-run',
        'replay --consumer payment --topic point-events --from 2026-11-23T14:00:00Z',
        'replay watch 6fa459ea-ee8a-4ca4-894e-db77e160355e',
      ),
    )
}
