import { deriveResourceId } from '@boxoffice/common/grpc/resource-id.ts'
import {
  FailureReason,
  FailureReasonSchema,
  type Payment,
  PaymentSchema,
  PaymentStatus,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import {
  type Reservation,
  ReservationSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { Command, Option } from 'commander'
import { integer } from '../../integer-option.ts'
import { concertOption, requestIdOption, seatsArgument, uuid } from '../arguments.ts'
import { enumName } from '../enum-name.ts'
import { Failure } from '../failure.ts'
import { followPayment } from '../follow-payment.ts'
import { holdSeats, holdText } from '../hold-seats.ts'
import { jsonOf } from '../output.ts'
import { repeatable } from '../repeatable.ts'
import { examples, runCommand } from '../run-command.ts'
import { reasonText, refundText, statusText, stepText } from '../saga-words.ts'
import type { Session } from '../session.ts'
import { pointsText, widthOf } from '../text.ts'

interface BuyOptions {
  readonly concert?: string
  readonly reservation?: string
  readonly requestId: string
  readonly wait: number
}

/** `buy`: holds seats, pays, and shows each step across the services. */
export function buyCommand(signal: AbortSignal): Command {
  return new Command('buy')
    .description('Buys seats: holds them, pays, and shows each step of the checkout as it happens.')
    .addArgument(seatsArgument('[seat...]'))
    .addOption(concertOption())
    .addOption(
      new Option('--reservation <id>', 'pay for seats that you hold, in place of seats').argParser(uuid),
    )
    .addOption(requestIdOption())
    .addOption(
      new Option('--wait <seconds>', 'how long to wait for the end').argParser(integer(1, 3_600)).default(60),
    )
    .addHelpText(
      'after',
      examples(
        'buy A-1-1',
        'buy B-2-3 B-2-4 --user alice',
        'buy --reservation 6fa459ea-ee8a-4ca4-894e-db77e160355e',
      ),
    )
    .hook('preAction', (_, command) => checkWhat(command))
    .action(runCommand(signal, buy))
}

function checkWhat(command: Command): void {
  const seats = command.args.length > 0
  const { reservation } = command.opts<BuyOptions>()
  if (seats && reservation !== undefined) command.error('error: give seats or --reservation, not both')
  if (!seats && reservation === undefined) command.error('error: give the seats to buy, or --reservation')
}

async function buy(session: Session, options: BuyOptions, seats: readonly string[] = []): Promise<void> {
  const { output, signal } = session
  const { requestId } = options
  const steps = stepPrinter(session)
  const reservation = await reservationOf(session, options, seats)
  steps.print('HELD', holdText(reservation))
  const { reservationId, totalPrice } = reservation
  const request = { requestId, reservationId, amount: totalPrice }
  const { payment } = await repeatable(requestId, () => session.payment().checkout(request, { signal }))
  if (payment === undefined) throw new Error('the answer holds no payment')
  const final = await follow(session, payment, steps, options.wait * 1000)
  const totalMs = steps.elapsedMs()
  if (output.format === 'json' || final.status === PaymentStatus.COMPLETED) {
    output.result({
      json: () => ({
        reservation: jsonOf(ReservationSchema, reservation),
        payment: jsonOf(PaymentSchema, final),
        totalMs,
      }),
      table: () =>
        `\nBought ${reservation.seats.join(', ')} for ${pointsText(totalPrice)} in ${totalMs} ms: payment ${final.paymentId}`,
    })
  }
  if (final.status !== PaymentStatus.COMPLETED) throw refusal(final)
}

async function reservationOf(
  session: Session,
  options: BuyOptions,
  seats: readonly string[],
): Promise<Reservation> {
  if (options.reservation === undefined) {
    // The hold needs an id of its own, the same on each repeat. With the command's id the reservation would get the
    // payment's id.
    return await holdSeats(session, seats, options, deriveResourceId('hold', options.requestId))
  }
  const request = { reservationId: options.reservation }
  const { reservation } = await session.reservation().getReservation(request, { signal: session.signal })
  if (reservation === undefined) throw new Error('the answer holds no reservation')
  return reservation
}

async function follow(
  session: Session,
  { paymentId }: Payment,
  steps: StepPrinter,
  waitMs: number,
): Promise<Payment> {
  const following = followPayment(session, paymentId, { afterSequence: 0, waitMs })
  let next = await following.next()
  while (!next.done) {
    const { transition, payment } = next.value
    steps.print(statusText(transition.status, session.output.paint), stepText(transition, payment))
    next = await following.next()
  }
  return next.value
}

interface StepPrinter {
  print(status: string, text: string): void
  elapsedMs(): number
}

/** Prints each step with the milliseconds since the previous one, as this client sees them. */
function stepPrinter({ output }: Session): StepPrinter {
  const startedAt = performance.now()
  let before = startedAt
  return {
    print(status, text) {
      const now = performance.now()
      const delta = `${(now - before).toFixed(0)} ms`.padStart(8)
      before = now
      const space = ' '.repeat(Math.max(0, 10 - widthOf(status)))
      output.progress(`${output.paint('dim', delta)}  ${status}${space}  ${text}`)
    },
    elapsedMs: () => Math.round(performance.now() - startedAt),
  }
}

/** Describes a failed payment, with the state of the points and the next steps. */
function refusal(payment: Payment): Failure {
  const { failureReason, reservationId, amount } = payment
  const name = enumName(FailureReasonSchema, failureReason)
  const message = `The payment failed (${name}): ${reasonText(failureReason)}; ${refundText(payment)}`
  return new Failure(name, message, { next: nextSteps(failureReason, reservationId, amount) })
}

function nextSteps(reason: FailureReason, reservationId: string, amount: bigint): string[] {
  const again = `the seats are held until the hold lapses: npx boxoffice buy --reservation ${reservationId}`
  switch (reason) {
    case FailureReason.INSUFFICIENT_POINTS:
    case FailureReason.UNKNOWN_WALLET:
      return [`npx boxoffice charge ${amount}`, again]
    case FailureReason.TIMED_OUT:
    case FailureReason.CANCELLED:
      return [again]
    default:
      return ['npx boxoffice seats shows what is free']
  }
}
