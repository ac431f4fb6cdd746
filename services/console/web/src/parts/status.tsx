import type { PaymentSummary } from '../../../src/contract/answers.ts'
import { words } from './format.ts'

/** Shows the state of a payment as a word and a colour. */
export function Status({
  payment,
}: {
  readonly payment: Pick<PaymentSummary, 'status' | 'failureReason' | 'refund'>
}) {
  const { status, failureReason, refund } = payment
  return (
    <span class={`status ${status.toLowerCase()}`}>
      {status}
      {failureReason !== null && <small>{words(failureReason)}</small>}
      {refund === 'PENDING' && <small class="refund">refund on its way</small>}
      {refund === 'DONE' && <small class="refund">refunded</small>}
    </span>
  )
}
