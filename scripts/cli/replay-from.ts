import { InvalidArgumentError } from 'commander'
import { time } from './arguments.ts'

/** The place from which a consumer reads again, as given by `--from`. */
export type ReplayFrom =
  | { readonly case: 'earliest' }
  | { readonly case: 'time'; readonly time: Date }
  | { readonly case: 'offset'; readonly offset: bigint }
  | { readonly case: 'offsets'; readonly offsets: ReadonlyMap<number, bigint> }

/** Parses `earliest`, an ISO 8601 time (local without a zone), an offset, or `PARTITION:OFFSET,…`. */
export function replayFrom(text: string): ReplayFrom {
  if (text === 'earliest') return { case: 'earliest' }
  if (/^\d{1,18}$/.test(text)) return { case: 'offset', offset: BigInt(text) }
  if (/^\d{1,9}:\d{1,18}(,\d{1,9}:\d{1,18})*$/.test(text)) return { case: 'offsets', offsets: offsets(text) }
  try {
    return { case: 'time', time: time(text) }
  } catch {
    throw new InvalidArgumentError(
      'It takes earliest, a time such as 2026-11-23T14:00:00Z, an offset, or PARTITION:OFFSET,… .',
    )
  }
}

function offsets(text: string): ReadonlyMap<number, bigint> {
  const found = new Map<number, bigint>()
  for (const pair of text.split(',')) {
    const [partition = '', offset = ''] = pair.split(':')
    if (found.has(Number(partition))) throw new InvalidArgumentError(`Partition ${partition} is given twice.`)
    found.set(Number(partition), BigInt(offset))
  }
  return found
}
