import { PaymentSchema } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { Command } from 'commander'
import { requestIdOption } from '../../arguments.ts'
import { jsonOf } from '../../output.ts'
import { repeatable } from '../../repeatable.ts'
import { examples, runCommand } from '../../run-command.ts'
import { refundText } from '../../saga-words.ts'
import type { Session } from '../../session.ts'
import { paymentArgument } from './payment-text.ts'

/** `payments cancel`: cancels a PENDING payment. */
export function cancelPaymentCommand(signal: AbortSignal): Command {
  return new Command('cancel')
    .description('Cancels a PENDING payment; points that were taken come back.')
    .addArgument(paymentArgument())
    .addOption(requestIdOption())
    .addHelpText('after', examples('payments cancel 6fa459ea-ee8a-4ca4-894e-db77e160355e'))
    .action(runCommand(signal, cancelPayment))
}

async function cancelPayment(
  session: Session,
  { requestId }: { readonly requestId: string },
  paymentId: string,
): Promise<void> {
  const { payment } = await repeatable(requestId, () =>
    session.payment().cancelPayment({ requestId, paymentId }, { signal: session.signal }),
  )
  if (payment === undefined) throw new Error('the answer holds no payment')
  session.output.result({
    json: () => jsonOf(PaymentSchema, payment),
    table: () => `Payment ${paymentId} is cancelled; ${refundText(payment)}.`,
  })
}
