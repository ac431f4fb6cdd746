import { PaymentSchema } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { Command } from 'commander'
import { jsonOf } from '../../output.ts'
import { examples, runCommand } from '../../run-command.ts'
import type { Session } from '../../session.ts'
import { paymentArgument, paymentText } from './payment-text.ts'

/** `payments get`: one payment with its history. */
export function getPaymentCommand(signal: AbortSignal): Command {
  return new Command('get')
    .description('Shows one payment with its history.')
    .addArgument(paymentArgument())
    .addHelpText('after', examples('payments get 6fa459ea-ee8a-4ca4-894e-db77e160355e'))
    .action(runCommand(signal, getPayment))
}

async function getPayment(session: Session, _options: object, paymentId: string): Promise<void> {
  const { payment } = await session.payment().getPayment({ paymentId }, { signal: session.signal })
  if (payment === undefined) throw new Error('the answer holds no payment')
  session.output.result({
    json: () => jsonOf(PaymentSchema, payment),
    table: () => paymentText(payment, session.output),
  })
}
