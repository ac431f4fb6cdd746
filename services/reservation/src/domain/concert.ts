/** A block of seats of one price. The seats' names are SECTION-ROW-NUMBER. */
export interface Section {
  readonly name: string
  readonly rows: number
  readonly seatsPerRow: number
  /** Points for one seat. */
  readonly price: number
}

/** The largest hall that can be created. */
export const seatsMax = 20_000

/** The number of seats of a concert with these sections. */
export function countSeats(sections: readonly Section[]): number {
  return sections.reduce((total, section) => total + section.rows * section.seatsPerRow, 0)
}
