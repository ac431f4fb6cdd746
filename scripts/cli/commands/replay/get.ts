import { ReplaySchema } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { Command } from 'commander'
import { findReplay } from '../../find-replay.ts'
import { jsonOf } from '../../output.ts'
import { examples, runCommand } from '../../run-command.ts'
import type { Session } from '../../session.ts'
import { receiptText, replayArgument } from './replay-text.ts'

/** `replay get`: the state of a replay. */
export function getReplayCommand(signal: AbortSignal): Command {
  return new Command('get')
    .description('Shows the state of a replay.')
    .addArgument(replayArgument())
    .addHelpText('after', examples('replay get 6fa459ea-ee8a-4ca4-894e-db77e160355e'))
    .action(runCommand(signal, getReplay))
}

async function getReplay(session: Session, _options: object, replayId: string): Promise<void> {
  const { replay } = await findReplay(session, replayId)
  session.output.result({
    json: () => jsonOf(ReplaySchema, replay),
    table: () => receiptText(replay, session.output),
  })
}
