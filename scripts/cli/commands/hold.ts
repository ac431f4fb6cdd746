import { ReservationSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { Command } from 'commander'
import { concertOption, requestIdOption, seatsArgument } from '../arguments.ts'
import { type HoldOptions, holdSeats, holdText } from '../hold-seats.ts'
import { jsonOf } from '../output.ts'
import { examples, runCommand } from '../run-command.ts'
import type { Session } from '../session.ts'

/** `hold`: keeps seats for a while. */
export function holdCommand(signal: AbortSignal): Command {
  return new Command('hold')
    .description('Holds seats for you for a while: all of them, or none.')
    .addArgument(seatsArgument())
    .addOption(concertOption())
    .addOption(requestIdOption())
    .addHelpText('after', examples('hold A-1-1 A-1-2', 'hold A-1-1 --user alice -o json'))
    .action(runCommand(signal, hold))
}

async function hold(session: Session, options: HoldOptions, seats: readonly string[]): Promise<void> {
  const reservation = await holdSeats(session, seats, options)
  const { reservationId } = reservation
  session.output.result({
    json: () => jsonOf(ReservationSchema, reservation),
    table: () =>
      [
        `Reservation ${reservationId}`,
        holdText(reservation),
        '',
        `buy it:       npx boxoffice buy --reservation ${reservationId}`,
        `give it back: npx boxoffice release ${reservationId}`,
      ].join('\n'),
  })
}
