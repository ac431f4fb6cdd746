/** Pseudorandom numbers: the same seed gives the same numbers. */
export interface Random {
  /** From 0 up to 1, without 1. */
  next(): number
  /** An integer between the two, both included. */
  between(least: number, most: number): number
  pick<T>(choices: readonly T[]): T
  /** True with this probability, from 0 to 1. */
  chance(probability: number): boolean
  shuffled<T>(items: readonly T[]): T[]
}

/** Mulberry32: 32 bits of state, good enough to choose faults by. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    between,
    pick<T>(choices: readonly T[]): T {
      const choice = choices[between(0, choices.length - 1)]
      if (choice === undefined) throw new Error('there is nothing to choose from')
      return choice
    },
    chance: (probability) => next() < probability,
    shuffled<T>(items: readonly T[]): T[] {
      const left = [...items]
      const shuffled: T[] = []
      while (left.length > 0) shuffled.push(...left.splice(between(0, left.length - 1), 1))
      return shuffled
    },
  }
}
