import {
  type Concert,
  type Seat,
  SeatStatus,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import type { Style } from './output.ts'
import { harmless, pointsText } from './text.ts'

type Paint = (style: Style, text: string) => string

/** The mark of each status, which differs even without colour. */
const marks = {
  [SeatStatus.AVAILABLE]: { mark: '·', style: 'green', word: 'available' },
  [SeatStatus.HELD]: { mark: 'h', style: 'yellow', word: 'held' },
  [SeatStatus.SOLD]: { mark: 'X', style: 'dim', word: 'sold' },
} as const satisfies Record<number, Mark>

interface Mark {
  readonly mark: string
  readonly style: Style
  readonly word: string
}

/** Draws a concert's seats, a line per row, as wide as `columns` allows. */
export function seatMap(concert: Concert, seats: readonly Seat[], columns: number, paint: Paint): string {
  const byName = new Map(seats.map((seat) => [seat.seat, seat.status]))
  const legend = [SeatStatus.AVAILABLE, SeatStatus.HELD, SeatStatus.SOLD].map((status) => {
    const { mark, style, word } = marks[status]
    const count = seats.filter((seat) => seat.status === status).length
    return `${paint(style, mark)} ${word} ${count}`
  })
  const lines = [paint('bold', harmless(concert.title)), legend.join('   ')]
  for (const { name, rows, seatsPerRow, price } of concert.sections) {
    const gap = labelWidth + 2 * seatsPerRow <= columns ? ' ' : ''
    lines.push('', `${paint('bold', `Section ${name}`)}  ${pointsText(price)} a seat`)
    lines.push(paint('dim', `${' '.repeat(labelWidth)}${ruler(seatsPerRow, gap)}`))
    for (let row = 1; row <= rows; row++) {
      const line = Array.from({ length: seatsPerRow }, (_, index) => {
        const { mark, style } = markOf(byName.get(`${name}-${row}-${index + 1}`))
        return paint(style, mark)
      })
      lines.push(`${`${name}-${row}-`.padStart(labelWidth - 1)} ${line.join(gap)}`)
    }
  }
  return lines.join('\n')
}

/** The mark of a status; `?` for a seat that the answer lacks, or a status that this checkout does not know. */
function markOf(status: SeatStatus | undefined): Mark {
  const known: Readonly<Record<number, Mark>> = marks
  return known[status ?? SeatStatus.UNSPECIFIED] ?? { mark: '?', style: 'red', word: 'unknown' }
}

const labelWidth = 12

/** The numbers 1, 5, 10, 15, … each above the seat that it belongs to. */
function ruler(seatsPerRow: number, gap: string): string {
  let line = ''
  for (let number = 1; number <= seatsPerRow; number++) {
    const at = (number - 1) * (1 + gap.length)
    if (number === 1 || number % 5 === 0) line = `${line.padEnd(at)}${number}`
  }
  return line
}
