import { Command } from 'commander'
import { examples } from '../run-command.ts'
import { cancelPaymentCommand } from './payments/cancel.ts'
import { getPaymentCommand } from './payments/get.ts'
import { listPaymentsCommand } from './payments/list.ts'
import { watchPaymentCommand } from './payments/watch.ts'

/** `payments`: your payments and their histories. */
export function paymentsCommand(signal: AbortSignal): Command {
  return new Command('payments')
    .description('Shows, follows and cancels your payments.')
    .addCommand(getPaymentCommand(signal))
    .addCommand(listPaymentsCommand(signal))
    .addCommand(watchPaymentCommand(signal))
    .addCommand(cancelPaymentCommand(signal))
    .addHelpText('after', examples('payments list', 'payments get 6fa459ea-ee8a-4ca4-894e-db77e160355e'))
}
