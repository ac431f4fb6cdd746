import { memo } from 'preact/compat'
import type { PaymentSummary } from '../../../src/contract/answers.ts'
import { clock, dateTime, duration, points, short } from './format.ts'
import { Status } from './status.tsx'

export function PaymentTable({ payments }: { readonly payments: readonly PaymentSummary[] }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Payment</th>
          <th scope="col">State</th>
          <th scope="col" class="wide">
            User
          </th>
          <th scope="col">Seats</th>
          <th scope="col" class="number">
            Amount
          </th>
          <th scope="col" class="number wide">
            Took
          </th>
          <th scope="col" class="wide">
            Began
          </th>
        </tr>
      </thead>
      <tbody>
        {payments.map((payment) => (
          <PaymentRow key={payment.paymentId} payment={payment} />
        ))}
      </tbody>
    </table>
  )
}

/** Memoized, because only a few rows of a list of hundreds change at a time. */
const PaymentRow = memo(({ payment }: { readonly payment: PaymentSummary }) => {
  const took = Date.parse(payment.updateTime) - Date.parse(payment.createTime)
  return (
    <tr
      data-payment={payment.paymentId}
      data-sequence={payment.sequence}
      class={payment.faults?.length ? 'bad' : ''}
    >
      <th scope="row">
        <a href={`#/payments/${payment.paymentId}`}>{short(payment.paymentId)}</a>
      </th>
      <td>
        <Status payment={payment} />
      </td>
      <td class="wide">{payment.userId}</td>
      <td>{payment.seats.join(', ')}</td>
      <td class="number">{points(payment.amount)}</td>
      <td class="number wide">{payment.final ? duration(took) : ''}</td>
      <td class="wide">
        <time title={dateTime(payment.createTime)}>{clock(payment.createTime)}</time>
      </td>
    </tr>
  )
})
