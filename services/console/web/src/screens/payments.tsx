import { useRef, useState } from 'preact/hooks'
import type { PaymentList } from '../../../src/contract/answers.ts'
import { get } from '../live/api.ts'
import { appendPage, markFaults, mergePayments, type PaymentFilter, signOf } from '../live/merge-payments.ts'
import { useData } from '../live/use-data.ts'
import { useStream } from '../live/use-stream.ts'
import { More } from '../parts/more.tsx'
import { PaymentTable } from '../parts/payment-table.tsx'
import { Empty, Loaded } from '../parts/states.tsx'

const everything: PaymentFilter = { status: '', user: '', id: '', faulty: false }

/** Lists all payments, newest first, as they arrive. */
export function PaymentsScreen() {
  const [filter, setFilter] = useState(everything)
  const path = `/api/payments?${queryOf(filter)}`
  return (
    <>
      <h1>Payments</h1>
      <FilterBar filter={filter} onChange={setFilter} />
      <PaymentRows key={path} path={path} filter={filter} onShowAll={() => setFilter(everything)} />
    </>
  )
}

function PaymentRows(props: { readonly path: string; readonly filter: PaymentFilter; onShowAll(): void }) {
  const { path, filter } = props
  const list = useData<PaymentList>(path)
  const asking = useRef(false)
  const sign = useRef('')
  useStream(
    {
      ...(list.data === undefined ? {} : { after: list.data.position }),
      onEvents: (events) => list.change((data) => mergePayments(data, events, filter, asking.current)),
      // A verdict on the books is not a message: the overview has it.
      onOverview: ({ books }) => {
        if (books === null || sign.current === signOf(books)) return
        sign.current = signOf(books)
        if (filter.faulty) list.reload()
        else list.change((data) => markFaults(data, books))
      },
      onReset: list.reload,
    },
    list.data !== undefined,
  )
  const more = async (before: string): Promise<void> => {
    asking.current = true
    try {
      const page = await get<PaymentList>(`${path}&before=${encodeURIComponent(before)}`)
      list.change((data) => appendPage(data, before, page))
    } finally {
      asking.current = false
    }
  }
  return (
    <Loaded data={list} what="The payments">
      {({ payments, next }) => (
        <>
          {payments.length > 0 ? (
            <PaymentTable payments={payments} />
          ) : (
            <Empty>
              {filter === everything ? 'There are no payments yet. ' : 'No payment matches. '}
              {filter === everything ? (
                <a href="#/concert">Buy a ticket</a>
              ) : (
                <button type="button" onClick={props.onShowAll}>
                  Show all
                </button>
              )}
            </Empty>
          )}
          {next !== null && <More text="Older ones" read={() => more(next)} />}
        </>
      )}
    </Loaded>
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
      {text('id', 'Id begins with', '(-*[0-9a-fA-F]){0,32}-*')}
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

function queryOf({ status, user, id, faulty }: PaymentFilter): URLSearchParams {
  const digits = id.replaceAll('-', '')
  return new URLSearchParams({
    ...(status === '' ? {} : { status }),
    ...(user === '' ? {} : { user }),
    ...(digits === '' ? {} : { id: digits }),
    ...(faulty ? { faulty: 'true' } : {}),
  })
}
