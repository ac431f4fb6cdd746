import { ConcertSchema, SeatSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { Argument, Command } from 'commander'
import { uuid } from '../arguments.ts'
import { findConcert, listSeats } from '../find-concert.ts'
import { jsonOf } from '../output.ts'
import { examples, runCommand } from '../run-command.ts'
import { seatMap } from '../seat-map.ts'
import type { Session } from '../session.ts'

/** `seats`: the seat map of a concert. */
export function seatsCommand(signal: AbortSignal): Command {
  return new Command('seats')
    .description('Draws the seats of a concert: which are available, held and sold.')
    .addArgument(new Argument('[concert]', 'its id (default: the newest)').argParser(uuid))
    .addHelpText('after', examples('seats', 'seats 6fa459ea-ee8a-4ca4-894e-db77e160355e', 'seats -o json'))
    .action(runCommand(signal, seats))
}

async function seats(session: Session, _options: object, concertId?: string): Promise<void> {
  const { output } = session
  const concert = await findConcert(session, concertId)
  const found = await listSeats(session, concert.concertId)
  output.result({
    json: () => ({
      concert: jsonOf(ConcertSchema, concert),
      seats: found.map((seat) => jsonOf(SeatSchema, seat)),
    }),
    table: () => seatMap(concert, found, output.columns, output.paint),
  })
}
