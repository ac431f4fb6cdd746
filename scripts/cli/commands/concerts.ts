import { type Concert, ConcertSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { Command } from 'commander'
import { listConcerts } from '../find-concert.ts'
import { jsonOf } from '../output.ts'
import { examples, runCommand } from '../run-command.ts'
import type { Session } from '../session.ts'
import { type Column, table } from '../table.ts'
import { harmless, timeText } from '../text.ts'

/** `concerts`: lists all concerts, newest first. */
export function concertsCommand(signal: AbortSignal): Command {
  return new Command('concerts')
    .description('Lists the concerts, newest first.')
    .addHelpText('after', examples('concerts', 'concerts -o json'))
    .action(runCommand(signal, concerts))
}

async function concerts(session: Session): Promise<void> {
  const { output } = session
  const found: Concert[] = []
  for await (const concert of listConcerts(session)) found.push(concert)
  output.result({
    json: () => found.map((concert) => jsonOf(ConcertSchema, concert)),
    table: () =>
      found.length === 0
        ? 'There is no concert yet.'
        : table(found, columns, (titles) => output.paint('dim', titles)),
  })
}

const columns: readonly Column<Concert>[] = [
  { title: 'CONCERT', value: ({ concertId }) => concertId },
  { title: 'TITLE', value: ({ title }) => harmless(title) },
  { title: 'STARTS', value: ({ startTime }) => timeText(startTime) },
  { title: 'SEATS', value: ({ seatsTotal }) => String(seatsTotal), right: true },
  { title: 'AVAILABLE', value: ({ seatsAvailable }) => String(seatsAvailable), right: true },
]
