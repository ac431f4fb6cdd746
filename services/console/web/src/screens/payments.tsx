import { memo } from 'preact/compat'
import { useState } from 'preact/hooks'
import type { PaymentList, PaymentSummary } from '../../../src/contract/answers.ts'
import { get } from '../live/api.ts'
import { mergePayments, type PaymentFilter } from '../live/merge-payments.ts'
import { useData } from '../live/use-data.ts'
import { useStream } from '../live/use-stream.ts'
import { clock, dateTime, duration, points, short } from '../parts/format.ts'
import { Empty, Loaded } from '../parts/states.tsx'
import { Status } from '../parts/status.tsx'

const everything: PaymentFilter = { status: '', user: '', id: '', faulty: false }

/** Every payment, newest first, as they come. */
export function PaymentsScreen() {
  const [filter, setFilter] = useState(everything)
  const path = `/api/payments?${queryOf(filter)}`
  const list = useData<PaymentList>(path)
  useStream(
    {
      ...(list.data === undefined ? {} : { after: list.data.position }),
      onEvents: (events) => list.change((data) => mergePayments(data, events, filter)),
      onReset: list.reload,
    },
    list.data !== undefined,
  )
  const more = async (): Promise<void> => {
    const before = list.data?.next
    if (!before) return
    const page = await get<PaymentList>(`${path}&before=${encodeURIComponent(before)}`)
    list.change((data) => ({ ...data, payments: [...data.payments, ...page.payments], next: page.next }))
  }
  return (
    <>
      <h1>Payments</h1>
      <FilterBar filter={filter} onChange={setFilter} />
      <Loaded of={list} what="The payments">
        {({ payments, next }) =>
          payments.length === 0 ? (
            <Empty>
              {filter === everything ? 'Nobody has paid yet. ' : 'No payment matches. '}
              {filter === everything ? (
                <a href="#/concert">Buy a ticket</a>
              ) : (
                <button type="button" onClick={() => setFilter(everything)}>
                  Show all
                </button>
              )}
            </Empty>
          ) : (
            <>
              <PaymentTable payments={payments} />
              {next !== null && (
                <button type="button" onClick={() => void more()}>
                  Older ones
                </button>
              )}
            </>
          )
        }
      </Loaded>
    </>
  )
}

function FilterBar({
  filter,
  onChange,
}: {
  readonly filter: PaymentFilter
  readonly onChange: (filter: PaymentFilter) => void
}) {
  const text = (name: 'user' | 'id', label: string, pattern?: string) => (
    <label>
      {label}
      <input
        type="search"
        value={filter[name]}
        pattern={pattern}
        onChange={(event) => {
          if (event.currentTarget.checkValidity())
            onChange({ ...filter, [name]: event.currentTarget.value.trim() })
        }}
      />
    </label>
  )
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <label>
        Status
        <select
          value={filter.status}
          onChange={(event) => onChange({ ...filter, status: event.currentTarget.value })}
        >
          <option value="">all</option>
          {['PENDING', 'PROCESSING', 'COMPLETED', 'FAILED'].map((status) => (
            <option key={status}>{status}</option>
          ))}
        </select>
      </label>
      {text('user', 'User')}
      {text('id', 'Id begins with', '[0-9a-fA-F\\-]*')}
      <label class="check">
        <input
          type="checkbox"
          checked={filter.faulty}
          onChange={(event) => onChange({ ...filter, faulty: event.currentTarget.checked })}
        />
        only with broken books
      </label>
    </form>
  )
}

function PaymentTable({ payments }: { readonly payments: readonly PaymentSummary[] }) {
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

/** Of a list of hundreds a few rows change at a time. */
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

function queryOf({ status, user, id, faulty }: PaymentFilter): URLSearchParams {
  return new URLSearchParams({
    ...(status === '' ? {} : { status }),
    ...(user === '' ? {} : { user }),
    ...(id === '' ? {} : { id }),
    ...(faulty ? { faulty: 'true' } : {}),
  })
}
