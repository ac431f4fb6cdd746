/** A time of an attack, and the quiet times right before and after it. */
export interface Round {
  readonly quietP99Ms: number
  readonly attackedP99Ms: number
}

/** Everybody else is served at most so much more slowly. */
export const slowdownMax = 3

/** An odd number, so that there is one in the middle. */
const roundsMax = 5

/**
 * By how much others were slowed down: the round in the middle. A machine that does something else for a second makes one round
 * slow; only the attack is in all of them.
 */
export function slowdownOf(rounds: readonly Round[]): number {
  const sorted = rounds
    .map(({ quietP99Ms, attackedP99Ms }) => attackedP99Ms / quietP99Ms)
    .sort((a, b) => a - b)
  const middle = sorted[Math.floor((sorted.length - 1) / 2)]
  if (middle === undefined) throw new RangeError('no round was measured')
  return middle
}

/** Whether another round is needed: one that was slow is measured twice more, then twice more again. */
export function needsRound(rounds: readonly Round[]): boolean {
  if (rounds.length >= roundsMax) return false
  return rounds.length % 2 === 0 || slowdownOf(rounds) > slowdownMax
}
