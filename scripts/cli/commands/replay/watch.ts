import { ReplaySchema } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { Command } from 'commander'
import { findReplay } from '../../find-replay.ts'
import { followReplay } from '../../follow-replay.ts'
import { jsonOf } from '../../output.ts'
import { examples, runCommand } from '../../run-command.ts'
import type { Session } from '../../session.ts'
import { noteThatItContinues, receiptText, replayArgument } from './replay-text.ts'

/** `replay watch`: follows a replay to its end. */
export function watchReplayCommand(signal: AbortSignal): Command {
  return new Command('watch')
    .description('Follows a replay until it has ended; after Ctrl-C the replay continues.')
    .addArgument(replayArgument())
    .addHelpText('after', examples('replay watch 6fa459ea-ee8a-4ca4-894e-db77e160355e'))
    .action(runCommand(signal, watchReplay))
}

async function watchReplay(session: Session, _options: object, replayId: string): Promise<void> {
  const { output } = session
  const found = await findReplay(session, replayId)
  const replay = await followReplay(session, found.service, found.replay)
  output.result({ json: () => jsonOf(ReplaySchema, replay), table: () => receiptText(replay, output) })
  noteThatItContinues(replay, output)
}
