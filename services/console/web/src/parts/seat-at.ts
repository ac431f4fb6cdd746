/** A seat that the keys can reach if it is open, and skip otherwise. */
export interface SeatOnTheWay {
  /** `A-1-12`: section, row, number. */
  readonly seat: string
  readonly isOpen: boolean
}

/**
 * Returns the seat that a key goes to: along the row, at its ends, or the nearest one of the next row, even in another
 * section. The keys can reach every open seat. Undefined if there is no seat that way, or if the key has another use.
 *
 * @param seats - of the whole house, in the order of its map
 */
export function seatAt(key: string, from: string, seats: readonly SeatOnTheWay[]): string | undefined {
  const rows = Map.groupBy(seats, ({ seat }) => rowOf(seat))
  const names = [...rows.keys()]
  const here = names.indexOf(rowOf(from))
  const openOf = (name: string | undefined): string[] =>
    (rows.get(name ?? '') ?? []).filter(({ isOpen }) => isOpen).map(({ seat }) => seat)
  const nextOf = (others: readonly string[]): string | undefined => {
    const name = others.find((row) => openOf(row).length > 0)
    return openOf(name).sort((a, b) => distance(a, from) - distance(b, from))[0]
  }
  switch (key) {
    case 'ArrowLeft':
      return openOf(names[here]).findLast((seat) => numberOf(seat) < numberOf(from))
    case 'ArrowRight':
      return openOf(names[here]).find((seat) => numberOf(seat) > numberOf(from))
    case 'ArrowUp':
      return nextOf(names.slice(0, here).reverse())
    case 'ArrowDown':
      return nextOf(names.slice(here + 1))
    case 'Home':
      return openOf(names[here])[0]
    case 'End':
      return openOf(names[here]).at(-1)
    default:
      return undefined
  }
}

const rowOf = (seat: string): string => seat.slice(0, seat.lastIndexOf('-'))
const numberOf = (seat: string): number => Number(seat.slice(seat.lastIndexOf('-') + 1))
const distance = (a: string, b: string): number => Math.abs(numberOf(a) - numberOf(b))
