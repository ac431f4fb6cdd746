import {
  ReservationSchema,
  ReservationStatus,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { Argument, Command } from 'commander'
import { requestIdOption, uuid } from '../arguments.ts'
import { jsonOf } from '../output.ts'
import { repeatable } from '../repeatable.ts'
import { examples, runCommand } from '../run-command.ts'
import type { Session } from '../session.ts'

/** `release`: gives held seats back. */
export function releaseCommand(signal: AbortSignal): Command {
  return new Command('release')
    .description('Gives held seats back.')
    .addArgument(new Argument('<reservation>', 'its id').argParser(uuid))
    .addOption(requestIdOption())
    .addHelpText('after', examples('release 6fa459ea-ee8a-4ca4-894e-db77e160355e'))
    .action(runCommand(signal, release))
}

async function release(
  session: Session,
  { requestId }: { readonly requestId: string },
  reservationId: string,
): Promise<void> {
  const { reservation } = await repeatable(requestId, () =>
    session.reservation().releaseReservation({ requestId, reservationId }, { signal: session.signal }),
  )
  if (reservation === undefined) throw new Error('the answer holds no reservation')
  session.output.result({
    json: () => jsonOf(ReservationSchema, reservation),
    table: () =>
      reservation.status === ReservationStatus.EXPIRED
        ? `The hold of ${reservation.seats.join(', ')} had already lapsed.`
        : `${reservation.seats.join(', ')}: given back.`,
  })
}
