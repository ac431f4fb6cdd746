import {
  type Restore,
  RestorePhase,
  RestorePhaseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import { enumName } from '../../enum-name.ts'
import type { Output } from '../../output.ts'
import { pairs } from '../../table.ts'
import { harmless, timeText } from '../../text.ts'

/** The progress of a restore. */
export function receiptText(restore: Restore, output: Output): string {
  const { restoreId, from, phase, subject, createTime, endTime, contradictions } = restore
  const colour = phase === RestorePhase.DONE ? 'green' : 'yellow'
  const receipt = pairs([
    ['restore', `${restoreId} from ${timeText(from)}`],
    ['phase', output.paint(colour, enumName(RestorePhaseSchema, phase))],
    ['started', `${timeText(createTime)} by ${subject}`],
    ...(endTime === undefined ? [] : [['ended', timeText(endTime)] as const]),
    ['records read', `${number(restore.recordsRead)} of ${number(restore.records)}`],
    ...counted('unreadable', restore.recordsUnreadable),
    ...(restore.recordsGone === 0n ? [] : [['gone', goneText(restore, output)] as const]),
    ['facts', number(restore.facts)],
    ['applied', number(restore.factsApplied)],
    ['known already', number(restore.factsKnown)],
    ...counted('contradicted', restore.factsContradicted),
  ])
  if (contradictions.length === 0) return receipt
  const lines = contradictions.map((line) => `  ${harmless(line)}`).join('\n')
  return `${receipt}\n\n${output.paint('red', 'A person must look at:')}\n${lines}`
}

/** The number of records that may be missing; their content is unknown. */
function goneText({ recordsGone }: Restore, output: Output): string {
  return output.paint('red', `up to ${number(recordsGone)} have left retention`)
}

function counted(name: string, value: bigint): (readonly [string, string])[] {
  return value === 0n ? [] : [[name, number(value)]]
}

function number(value: bigint): string {
  return value.toLocaleString('en-US')
}
