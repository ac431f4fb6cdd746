import {
  AcceptFrom,
  ConsumerSchema,
  ConsumerService,
} from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { Command, Option } from 'commander'
import type { DatabaseName } from '../../../platform/databases.ts'
import { readerNames, requestIdOption } from '../../arguments.ts'
import { jsonOf } from '../../output.ts'
import { repeatable } from '../../repeatable.ts'
import { examples, runCommand } from '../../run-command.ts'
import type { Session } from '../../session.ts'

interface AcceptOptions {
  readonly consumer: DatabaseName
  readonly topic: string
  readonly from: keyof typeof places
  readonly requestId: string
}

const places = { earliest: AcceptFrom.EARLIEST, end: AcceptFrom.END } as const

/** `consumers accept`: lets a consumer read a topic that was deleted and created again. */
export function acceptTopicCommand(signal: AbortSignal): Command {
  return new Command('accept')
    .description(
      'Lets a consumer read a topic that was deleted and created again; until then it reads nothing of it.',
    )
    .addOption(
      new Option('--consumer <name>', 'the consumer that reads it')
        .choices(readerNames)
        .makeOptionMandatory(),
    )
    .requiredOption('--topic <topic>', 'a topic of the consumer')
    .addOption(
      new Option('--from <place>', 'earliest: handle the records that it holds; end: skip them')
        .choices(Object.keys(places))
        .makeOptionMandatory(),
    )
    .addOption(requestIdOption())
    .addHelpText(
      'after',
      examples('consumers accept --consumer payment --topic point-events --from earliest'),
    )
    .action(runCommand(signal, acceptTopic))
}

async function acceptTopic(session: Session, options: AcceptOptions): Promise<void> {
  const { output, signal } = session
  const { consumer, topic, requestId } = options
  const answer = await repeatable(requestId, () =>
    session
      .operator(ConsumerService, consumer)
      .acceptTopic({ requestId, consumer, topic, from: places[options.from] }, { signal }),
  )
  output.result({
    json: () => (answer.consumer === undefined ? {} : jsonOf(ConsumerSchema, answer.consumer)),
    table: () => `${consumer} reads ${topic} from its ${options.from === 'end' ? 'end' : 'beginning'}`,
  })
}
