import {
  DryRunReplayResponseSchema,
  type ReplayRangeSchema,
  ReplaySchema,
  ReplayService,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { Command, Option } from 'commander'
import type { ServiceName } from '../../../platform/databases.ts'
import { consumerOption, requestIdOption } from '../../arguments.ts'
import { Failure } from '../../failure.ts'
import { followReplay, presentReplay } from '../../follow-replay.ts'
import { jsonOf } from '../../output.ts'
import { repeatable } from '../../repeatable.ts'
import { type ReplayFrom, replayFrom } from '../../replay-from.ts'
import { examples, runCommand } from '../../run-command.ts'
import type { Session } from '../../session.ts'
import { noteThatItContinues, planText, receiptText } from './replay-text.ts'
import { agreeToWait, askAtTerminal, waitText } from './wait-behind.ts'

interface StartOptions {
  readonly consumer: ServiceName
  readonly topic?: readonly string[]
  readonly from: ReplayFrom
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly requestId: string
}

/** `replay start`: moves the consumer's positions back and follows what it reads. */
export function startReplayCommand(signal: AbortSignal): Command {
  return new Command('start')
    .description(
      'Starts a replay and follows it; after Ctrl-C the replay continues. This is the default of replay.',
    )
    .addOption(consumerOption().makeOptionMandatory())
    .addOption(new Option('--topic <topic...>', 'topics of the consumer (default: all of them)'))
    .addOption(
      new Option(
        '--from <place>',
        'earliest, a time (2026-11-23T14:00:00Z; local time without the Z), an offset, or PARTITION:OFFSET,…',
      )
        .argParser(replayFrom)
        .makeOptionMandatory(),
    )
    .option('--dry-run', 'only show what would be read again, and what is gone')
    .option(
      '-y, --yes',
      'start without asking; otherwise a replay of more than 10,000 records needs a confirmation',
    )
    .addOption(requestIdOption())
    .addHelpText(
      'after',
      examples(
        'replay --consumer payment --from earliest --dry-run',
        'replay --consumer point --topic point-commands --from 3:1200,7:0',
      ),
    )
    .action(runCommand(signal, startReplay))
}

async function startReplay(session: Session, options: StartOptions): Promise<void> {
  const { output, signal } = session
  const replays = session.operator(ReplayService, options.consumer)
  const range = rangeOf(options)
  const dryRun = () => replays.dryRunReplay({ range }, { signal })
  if (options.dryRun) {
    const plan = await dryRun()
    output.result({
      json: () => jsonOf(DryRunReplayResponseSchema, plan),
      table: () => planText(plan.partitions, output),
    })
    return
  }
  if (!options.yes) {
    const { partitions } = await dryRun()
    if (partitions.length > 0) output.note(waitText(partitions))
    await agreeToWait(partitions, askAtTerminal(signal))
  }
  const { requestId } = options
  // Ctrl-C waits for this answer, because it has the id of the replay to watch or cancel.
  const begun = await repeatable(requestId, () => replays.startReplay({ requestId, range }))
  const replay = await followReplay(session, options.consumer, presentReplay(begun.replay))
  output.result({ json: () => jsonOf(ReplaySchema, replay), table: () => receiptText(replay, output) })
  noteThatItContinues(replay, output)
}

function rangeOf({ consumer, topic = [], from }: StartOptions): MessageInitShape<typeof ReplayRangeSchema> {
  switch (from.case) {
    case 'earliest':
      return { consumer, topics: [...topic], from: { case: 'earliest', value: true } }
    case 'time':
      return { consumer, topics: [...topic], from: { case: 'time', value: timestampFromDate(from.time) } }
    case 'offset':
      return { consumer, topics: [...topic], from: { case: 'offset', value: from.offset } }
    case 'offsets':
      return { consumer, from: { case: 'offsets', value: { offsets: offsetsOf(topic, from.offsets) } } }
  }
}

function offsetsOf(topics: readonly string[], offsets: ReadonlyMap<number, bigint>) {
  const [topic, ...others] = topics
  if (topic === undefined || others.length > 0) {
    throw new Failure('TOPIC_MISSING', 'Offsets of partitions belong to one topic', {
      next: ['name it: --topic point-events; npx boxoffice consumers shows the topics of each consumer'],
    })
  }
  return [...offsets].map(([partition, offset]) => ({ topic, partition, offset }))
}
