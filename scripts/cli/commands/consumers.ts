import {
  type Consumer,
  type ConsumerPartition,
  ConsumerSchema,
  ConsumerService,
} from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { Command } from 'commander'
import type { ServiceName } from '../../platform/databases.ts'
import { consumerNames, consumerOption } from '../arguments.ts'
import { jsonOf, type Output } from '../output.ts'
import { examples, runCommand } from '../run-command.ts'
import type { Session } from '../session.ts'
import { table } from '../table.ts'
import { acceptTopicCommand } from './consumers/accept.ts'

/** `consumers`: the positions of each service's consumer. */
export function consumersCommand(signal: AbortSignal): Command {
  return new Command('consumers')
    .description('Lists the consumers of all services: positions, ends and lag of each partition.')
    .usage('[options] | <command>')
    .addCommand(listConsumersCommand(signal), { isDefault: true })
    .addCommand(acceptTopicCommand(signal))
    .addHelpText(
      'after',
      examples('consumers', 'consumers accept --consumer payment --topic point-events --from earliest'),
    )
}

function listConsumersCommand(signal: AbortSignal): Command {
  return new Command('list')
    .description('Lists the consumers; the default of consumers.')
    .addOption(consumerOption())
    .addHelpText('after', examples('consumers', 'consumers --consumer payment -o json'))
    .action(runCommand(signal, listConsumers))
}

async function listConsumers(session: Session, options: { readonly consumer?: ServiceName }): Promise<void> {
  const { output, signal } = session
  const services = options.consumer === undefined ? consumerNames : [options.consumer]
  const answers = await Promise.all(
    services.map((service) => session.operator(ConsumerService, service).listConsumers({}, { signal })),
  )
  const consumers = answers.flatMap((answer) => answer.consumers)
  output.result({
    json: () => consumers.map((consumer) => jsonOf(ConsumerSchema, consumer)),
    table: () => consumersText(consumers, output),
  })
}

/** The table of consumers, with their replays and pending decisions. */
function consumersText(consumers: readonly Consumer[], output: Output): string {
  const rows = consumers.flatMap(({ consumer, partitions }) =>
    partitions.map((partition) => ({ consumer, ...partition })),
  )
  const replays = consumers
    .filter(({ runningReplayId }) => runningReplayId !== '')
    .map(
      ({ consumer, runningReplayId }) => `\n${consumer} reads past messages again: replay ${runningReplayId}`,
    )
  const offset = (value: bigint | undefined): string => value?.toLocaleString('en-US') ?? '–'
  const right = true
  const list = table<{ consumer: string } & ConsumerPartition>(
    rows,
    [
      { title: 'CONSUMER', value: ({ consumer }) => consumer },
      { title: 'TOPIC', value: ({ topic }) => topic },
      { title: 'PARTITION', value: ({ partition }) => String(partition), right },
      { title: 'BEGIN', value: ({ beginOffset }) => offset(beginOffset), right },
      { title: 'POSITION', value: ({ position }) => offset(position), right },
      { title: 'COMMITTED', value: ({ committedOffset }) => offset(committedOffset), right },
      { title: 'END', value: ({ endOffset }) => offset(endOffset), right },
      { title: 'LAG', value: ({ lag }) => offset(lag), right },
    ],
    (titles) => output.paint('dim', titles),
  )
  const recreated = new Map(
    rows
      .filter((row) => row.recreated)
      .map(({ consumer, topic }) => [`${consumer} ${topic}`, { consumer, topic }]),
  )
  const decisions = [...recreated.values()].map(
    ({ consumer, topic }) =>
      `\n${topic} was deleted and created again: ${consumer} reads nothing of it until you decide where to begin:\n` +
      `  npx boxoffice consumers accept --consumer ${consumer} --topic ${topic} --from earliest|end`,
  )
  return [list, ...replays, ...decisions].join('\n')
}
