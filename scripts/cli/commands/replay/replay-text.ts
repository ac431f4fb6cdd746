import {
  type Replay,
  type ReplayPartition,
  ReplayPhase,
  ReplayPhaseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { Argument } from 'commander'
import { uuid } from '../../arguments.ts'
import { enumName } from '../../enum-name.ts'
import type { Output } from '../../output.ts'
import { pairs, table } from '../../table.ts'
import { timeText } from '../../text.ts'
import { waitText } from './wait-behind.ts'

export function replayArgument(): Argument {
  return new Argument('<replay>', 'the id of a replay').argParser(uuid)
}

/** The plan of a replay, partition by partition. */
export function planText(partitions: readonly ReplayPartition[], output: Output): string {
  if (partitions.length === 0) return 'There is nothing to read again: the consumer has read nothing since.'
  const rows = table(
    partitions,
    [
      { title: 'TOPIC', value: ({ topic }) => topic },
      { title: 'PARTITION', value: ({ partition }) => String(partition), right: true },
      { title: 'POSITION', value: ({ position }) => number(position), right: true },
      { title: 'TARGET', value: ({ targetOffset }) => number(targetOffset), right: true },
      { title: 'END', value: ({ endOffset }) => number(endOffset), right: true },
      { title: 'TO RE-READ', value: ({ records }) => number(records), right: true },
      { title: 'GONE', value: ({ gone }) => number(gone), right: true },
    ],
    (titles) => output.paint('dim', titles),
  )
  const records = partitions.reduce((sum, partition) => sum + partition.records, 0n)
  const gone = partitions.reduce((sum, partition) => sum + partition.gone, 0n)
  const left =
    gone === 0n ? 'none of them has left retention' : `${number(gone)} more have left retention already`
  const wait = waitText(partitions)
  return `${rows}\n\n${number(records)} records would be read again; ${left}. Nothing was changed.\n${wait}`
}

/** The progress of a replay. */
export function receiptText(replay: Replay, output: Output): string {
  const { replayId, range, phase, reread, known, effective, putAside, subject, createTime, endTime } = replay
  return pairs([
    ['replay', `${replayId} of ${range?.consumer ?? ''}`],
    ['phase', output.paint(colours[phase] ?? 'reset', enumName(ReplayPhaseSchema, phase))],
    ['started', `${timeText(createTime)} by ${subject}`],
    ...(endTime === undefined ? [] : [['ended', endedText(replay)] as const]),
    ['re-read', number(reread)],
    ['known already', number(known)],
    ['had an effect', number(effective)],
    ...(putAside === 0n ? [] : [['put aside', number(putAside)] as const]),
  ])
}

/** Notes how to follow or cancel a replay that still runs when the command ends. */
export function noteThatItContinues({ replayId, phase }: Replay, output: Output): void {
  if (phase !== ReplayPhase.RUNNING) return
  output.note('The replay continues by itself.')
  output.note(`  watch it:  npx boxoffice replay watch ${replayId}`)
  output.note(`  cancel it: npx boxoffice replay cancel ${replayId}`)
}

const colours: Readonly<Record<number, 'green' | 'yellow'>> = {
  [ReplayPhase.RUNNING]: 'yellow',
  [ReplayPhase.DONE]: 'green',
}

function endedText({ endTime, cancelledBy }: Replay): string {
  return cancelledBy === '' ? timeText(endTime) : `${timeText(endTime)}, cancelled by ${cancelledBy}`
}

function number(value: bigint): string {
  return value.toLocaleString('en-US')
}
