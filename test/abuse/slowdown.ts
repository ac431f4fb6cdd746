/** The latency during a round of an attack, and in the quiet times right before and after it. */
export interface Round {
  readonly quietP99Ms: number
  readonly attackedP99Ms: number
}

/** The factor by which the bystanders may be served more slowly. */
export const slowdownMax = 3

/** An odd number, so that there is a median round. */
const roundsMax = 5

/**
 * The factor by which the bystanders were slowed down: that of the median round. Other work on the machine may slow
 * down one round; only the attack slows down all of them.
 */
export function slowdownOf(rounds: readonly Round[]): number {
  const sorted = rounds
    .map(({ quietP99Ms, attackedP99Ms }) => attackedP99Ms / quietP99Ms)
    .sort((a, b) => a - b)
  const middle = sorted[Math.floor((sorted.length - 1) / 2)]
  if (middle === undefined) throw new RangeError('no round was measured')
  return middle
}

/** Whether another round is needed: a slow result is measured two more times, and then two more times again. */
export function needsRound(rounds: readonly Round[]): boolean {
  if (rounds.length >= roundsMax) return false
  return rounds.length % 2 === 0 || slowdownOf(rounds) > slowdownMax
}
