import { placeOf } from './all-published.ts'
import type { Checker } from './checker.ts'

/** Faults of the surroundings make no message poison: only what the harness has poisoned may be put aside. */
export const onlyPoisonPutAside: Checker = {
  id: 'only-poison-put-aside',
  invariant: 'No message is put aside but what cannot be read',
  counterexamples({ deadLetters, records }) {
    const poison = new Set(records.filter((record) => record.poison).map(placeOf))
    return deadLetters
      .filter((letter) => !poison.has(placeOf({ ...letter, topicId: letter.topic_id ?? '' })))
      .map(
        (letter) =>
          `${letter.consumer} put ${letter.topic}/${letter.partition}/${letter.offset} aside: ` +
          `${letter.reason}, ${letter.error}`,
      )
  },
}
