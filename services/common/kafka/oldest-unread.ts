import type { Admin } from './create-client.ts'
import { offsetsAtTime } from './offsets-at-time.ts'

/** The partitions of a topic in which records wait for a group: partition to the offset that it reads next. */
export type Unread = ReadonlyMap<number, bigint>

/** The precision of the age, which operators need no more exactly. */
const precisionMs = 500
const precisionShare = 0.05
const firstGuessMs = 1_000
/** The greatest age that is searched; longer than any retention here. */
const ageMsMax = 400 * 24 * 3_600_000

/**
 * Finds how long the oldest record that a group has yet to read has been in its topic, in milliseconds, to within half
 * a second or a twentieth. It uses Kafka's index of times, and reads no record.
 */
export async function oldestUnreadAgeMs(
  admin: Admin,
  topic: string,
  unread: Unread,
  now: number,
): Promise<number> {
  return await findAge(async (ageMs) => {
    const offsets = await offsetsAtTime(admin, topic, new Date(now - ageMs))
    // The records since then begin past the offset that it reads next: that record is older.
    return [...unread].some(([partition, next]) => (offsets.get(partition) ?? 0n) > next)
  })
}

/** Finds the greatest age for which `isOlder` is true, by doubling and then halving. */
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
