import { placeOf } from './all-published.ts'
import type { Checker } from './checker.ts'

/** No fault of the environment makes a message poison: only the harness's own poison may be put aside. */
export const onlyPoisonPutAside: Checker = {
  id: 'only-poison-put-aside',
  invariant: 'Only messages that cannot be read are put aside',
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
