import { SeatStatus, SeatStatusSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { Command, Option } from 'commander'
import { integer } from '../../integer-option.ts'
import { concertOption, seat } from '../arguments.ts'
import { enumName } from '../enum-name.ts'
import { Failure } from '../failure.ts'
import { findConcert, listSeats } from '../find-concert.ts'
import { latencyOf, latencyText } from '../latency.ts'
import { examples, runCommand } from '../run-command.ts'
import { type RushResult, rushForSeat } from '../rush-for-seat.ts'
import type { Session } from '../session.ts'
import { pairs } from '../table.ts'

interface RushOptions {
  readonly seat: string
  readonly buyers: number
  readonly concert?: string
}

/** `rush`: many buyers, one seat. */
export function rushCommand(signal: AbortSignal): Command {
  return new Command('rush')
    .description(
      'Lets many new users charge points and try to get the same seat at once: one gets it, the others are refused.',
    )
    .addOption(new Option('--seat <seat>', 'the seat that all want').argParser(seat).makeOptionMandatory())
    .addOption(new Option('--buyers <n>', 'how many users').argParser(integer(1, 2_000)).default(100))
    .addOption(concertOption())
    .addHelpText('after', examples('rush --seat A-1-2 --buyers 200', 'rush --seat B-1-1 -o json'))
    .action(runCommand(signal, rush))
}

async function rush(session: Session, options: RushOptions): Promise<void> {
  const { output } = session
  const { concertId } = await findConcert(session, options.concert)
  const wanted = (await listSeats(session, concertId)).find(({ seat }) => seat === options.seat)
  if (wanted === undefined) {
    throw new Failure('SEAT_NOT_FOUND', `The concert has no seat ${options.seat}`, {
      next: ['npx boxoffice seats shows the map'],
    })
  }
  if (wanted.status !== SeatStatus.AVAILABLE) {
    const status = enumName(SeatStatusSchema, wanted.status)
    throw new Failure('SEAT_UNAVAILABLE', `${wanted.seat} is ${status} already: no buyer could get it`, {
      next: ['choose a seat that is free: npx boxoffice seats'],
    })
  }
  const target = { concertId, seat: wanted.seat, price: wanted.price }
  const result = await rushForSeat(session, target, options.buyers)
  output.result({ json: () => jsonResult(options, result), table: () => textResult(options, result) })
  if (result.sold.length !== 1 || result.failed.length > 0) throw unexpected(options, result)
}

function jsonResult({ seat, buyers }: RushOptions, result: RushResult): unknown {
  return {
    seat,
    buyers,
    sold: result.sold.length,
    refused: Object.fromEntries(result.refused),
    failed: result.failed,
    holdMs: latencyOf(result.holdMs),
    checkoutMs: latencyOf(result.checkoutMs),
  }
}

function textResult(
  { seat, buyers }: RushOptions,
  { sold, refused, failed, holdMs, checkoutMs }: RushResult,
): string {
  return pairs([
    ['seat', `${seat}, ${buyers} buyers at once`],
    ['sold', sold.length === 0 ? 'to no buyer' : `${sold.length}, to ${sold.join(', ')}`],
    ...[...refused].map(([reason, count]): [string, string] => ['refused', `${count} ${reason}`]),
    ...(failed.length > 0 ? [['failed', `${failed.length}`] as [string, string]] : []),
    ['hold', latencyText(latencyOf(holdMs))],
    ...(checkoutMs.length > 0 ? [['checkout', latencyText(latencyOf(checkoutMs))] as [string, string]] : []),
  ])
}

function unexpected({ seat }: RushOptions, { sold, failed }: RushResult): Failure {
  const next = ['npx boxoffice verify checks the books', 'npx boxoffice seats shows the map']
  if (failed.length > 0) {
    return new Failure(
      'RUSH_FAILED',
      `${failed.length} buyers got neither the seat nor a refusal: ${failed[0]}`,
      { next },
    )
  }
  if (sold.length === 0) {
    return new Failure('NOT_SOLD', `No buyer got ${seat}: it was held or sold before`, {
      next: ['choose a seat that is free: npx boxoffice seats'],
    })
  }
  return new Failure('SOLD_TWICE', `${seat} was sold ${sold.length} times`, { next })
}
