import type { Admin } from './create-client.ts'
import { offsetsAtTime } from './offsets-at-time.ts'

/** Where a group stands in partitions of one topic in which something waits for it: partition to the offset it reads next. */
export type Unread = ReadonlyMap<number, bigint>

/** Nobody needs to know more exactly how long something has waited. */
const precisionMs = 500
const precisionShare = 0.05
const firstGuessMs = 1_000
/** As far back as is looked; longer than any retention here. */
const ageMsMax = 400 * 24 * 3_600_000

/**
 * How long the oldest record that a group has yet to read has been in its topic, in milliseconds, to within half a second or
 * a twentieth. Read from the index of times that Kafka keeps, without reading a record.
 */
export async function oldestUnreadAgeMs(
  admin: Admin,
  topic: string,
  unread: Unread,
  now: number,
): Promise<number> {
  return await findAge(async (ageMs) => {
    const offsets = await offsetsAtTime(admin, topic, new Date(now - ageMs))
    // What was written since then begins past what it reads next: that record is older.
    return [...unread].some(([partition, next]) => (offsets.get(partition) ?? 0n) > next)
  })
}

/** The greatest age for which `isOlder` holds, by doubling and then halving. */
export async function findAge(isOlder: (ageMs: number) => Promise<boolean>): Promise<number> {
  let young = 0
  let old = firstGuessMs
  while (old < ageMsMax && (await isOlder(old))) {
    young = old
    old *= 2
  }
  while (old - young > Math.max(precisionMs, young * precisionShare)) {
    const middle = Math.round((young + old) / 2)
    if (await isOlder(middle)) young = middle
    else old = middle
  }
  return Math.round((young + old) / 2)
}
