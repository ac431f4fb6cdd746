/** A block of seats of one price. Its seats are called SECTION-ROW-NUMBER. */
export interface Section {
  readonly name: string
  readonly rows: number
  readonly seatsPerRow: number
  /** Points for one seat. */
  readonly price: number
}

/** The largest hall that can be created. */
export const seatsMax = 20_000

/** How many seats a concert of these sections has. */
export function countSeats(sections: readonly Section[]): number {
  return sections.reduce((total, section) => total + section.rows * section.seatsPerRow, 0)
}
