import { createInterface } from 'node:readline'
import type { ReplayPartition } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { Failure } from '../../failure.ts'

/** So many records are read again without a question: a moment's work. */
const recordsUnaskedMax = 10_000n

/** What a replay means for what comes meanwhile; empty if it reads nothing again. */
export function waitText(partitions: readonly ReplayPartition[]): string {
  const records = recordsOf(partitions)
  if (records === 0n) return ''
  const where = partitions.length === 1 ? '1 partition' : `${partitions.length} partitions`
  return `New messages of ${where} wait behind ${records.toLocaleString('en-US')} records.`
}

/**
 * Lets a person agree to a replay behind which new messages wait for long.
 *
 * @param ask - puts a question; undefined where nobody is there to answer
 * @throws Failure REPLAY_LARGE unless somebody agrees
 */
export async function agreeToWait(
  partitions: readonly ReplayPartition[],
  ask: ((question: string) => Promise<boolean>) | undefined,
): Promise<void> {
  if (recordsOf(partitions) <= recordsUnaskedMax) return
  if (await ask?.('Checkouts may end with TIMED_OUT meanwhile. Go on?')) return
  throw new Failure('REPLAY_LARGE', `Nothing was changed. ${waitText(partitions)}`, {
    next: [
      'begin later, with --from and a time, or wait for a quiet hour',
      'or start it all the same: the same command with --yes',
    ],
  })
}

/** Asks whoever sits at the terminal; undefined where that is none. Ctrl-C and the end of the input mean no. */
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
  return partitions.reduce((sum, one) => sum + one.records, 0n)
}
