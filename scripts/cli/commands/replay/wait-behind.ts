import { createInterface } from 'node:readline'
import type { ReplayPartition } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { Failure } from '../../failure.ts'

/** Up to this many records are read again without a confirmation: they take only a moment. */
const recordsUnaskedMax = 10_000n

/** States how many records new messages have to wait behind; empty if the replay reads nothing again. */
export function waitText(partitions: readonly ReplayPartition[]): string {
  const records = recordsOf(partitions)
  if (records === 0n) return ''
  const where = partitions.length === 1 ? '1 partition' : `${partitions.length} partitions`
  return `New messages of ${where} wait behind ${records.toLocaleString('en-US')} records.`
}

/**
 * Asks for a confirmation of a replay behind which new messages wait for long.
 *
 * @param ask - asks the user; undefined without a terminal
 * @throws Failure REPLAY_LARGE unless the user agrees
 */
export async function agreeToWait(
  partitions: readonly ReplayPartition[],
  ask: ((question: string) => Promise<boolean>) | undefined,
): Promise<void> {
  if (recordsOf(partitions) <= recordsUnaskedMax) return
  if (await ask?.('Checkouts may end with TIMED_OUT until it is done. Continue?')) return
  throw new Failure('REPLAY_LARGE', `Nothing was changed. ${waitText(partitions)}`, {
    next: [
      'begin later, with --from and a time, or wait for a quiet hour',
      'or start it anyway: the same command with --yes',
    ],
  })
}

/**
 * Returns a function that asks the user at the terminal; undefined without one. Ctrl-C and the end of the input mean
 * no.
 */
export function askAtTerminal(signal: AbortSignal): ((question: string) => Promise<boolean>) | undefined {
  const { stdin, stderr } = process
  if (!stdin.isTTY || !stderr.isTTY) return undefined
  return async (question) => {
    const lines = createInterface({ input: stdin, terminal: false, signal })
    stderr.write(`${question} [y/N] `)
    try {
      const { value } = await lines[Symbol.asyncIterator]().next()
      return /^y(es)?$/i.test(String(value ?? '').trim())
    } finally {
      lines.close()
    }
  }
}

function recordsOf(partitions: readonly ReplayPartition[]): bigint {
  return partitions.reduce((sum, partition) => sum + partition.records, 0n)
}
