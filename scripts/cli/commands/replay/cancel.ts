import { ReplaySchema, ReplayService } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { Command } from 'commander'
import { requestIdOption } from '../../arguments.ts'
import { findReplay } from '../../find-replay.ts'
import { presentReplay } from '../../follow-replay.ts'
import { jsonOf } from '../../output.ts'
import { repeatable } from '../../repeatable.ts'
import { examples, runCommand } from '../../run-command.ts'
import type { Session } from '../../session.ts'
import { receiptText, replayArgument } from './replay-text.ts'

/** `replay cancel`: ends a replay early. */
export function cancelReplayCommand(signal: AbortSignal): Command {
  return new Command('cancel')
    .description(
      'Ends a replay: its consumer continues from its position before the replay, and misses nothing.',
    )
    .addArgument(replayArgument())
    .addOption(requestIdOption())
    .addHelpText('after', examples('replay cancel 6fa459ea-ee8a-4ca4-894e-db77e160355e'))
    .action(runCommand(signal, cancelReplay))
}

async function cancelReplay(
  session: Session,
  { requestId }: { readonly requestId: string },
  replayId: string,
): Promise<void> {
  const { output, signal } = session
  const { service } = await findReplay(session, replayId)
  const answer = await repeatable(requestId, () =>
    session.operator(ReplayService, service).cancelReplay({ requestId, replayId }, { signal }),
  )
  const replay = presentReplay(answer.replay)
  output.result({ json: () => jsonOf(ReplaySchema, replay), table: () => receiptText(replay, output) })
}
