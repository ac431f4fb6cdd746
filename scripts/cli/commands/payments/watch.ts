import { PaymentTransitionSchema } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { Command, Option } from 'commander'
import { integer } from '../../../integer-option.ts'
import { followPayment } from '../../follow-payment.ts'
import { jsonOf } from '../../output.ts'
import { examples, runCommand } from '../../run-command.ts'
import type { Session } from '../../session.ts'
import { paymentArgument, stepLine } from './payment-text.ts'

interface WatchOptions {
  readonly after: number
  readonly wait: number
}

/** `payments watch`: follows one payment to its end. */
export function watchPaymentCommand(signal: AbortSignal): Command {
  return new Command('watch')
    .description(
      'Follows one payment until it is final and prints a line per step; with -o json a line of JSON.',
    )
    .addArgument(paymentArgument())
    .addOption(
      new Option('--after <sequence>', 'begin after this step')
        .argParser(integer(0, 2_147_483_647))
        .default(0),
    )
    .addOption(
      new Option('--wait <seconds>', 'how long to wait for the end')
        .argParser(integer(1, 86_400))
        .default(3_600),
    )
    .addHelpText('after', examples('payments watch 6fa459ea-ee8a-4ca4-894e-db77e160355e --after 2'))
    .action(runCommand(signal, watchPayment))
}

async function watchPayment(session: Session, options: WatchOptions, paymentId: string): Promise<void> {
  const { output } = session
  const follow = { afterSequence: options.after, waitMs: options.wait * 1000 }
  for await (const { transition, payment } of followPayment(session, paymentId, follow)) {
    output.item({
      json: () => jsonOf(PaymentTransitionSchema, transition),
      table: () => stepLine(transition, payment, output),
    })
  }
}
