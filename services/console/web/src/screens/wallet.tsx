import { useState } from 'preact/hooks'
import type { Me } from '../../../src/contract/answers.ts'
import { get, textOf } from '../live/api.ts'
import { useData } from '../live/use-data.ts'
import { usePages } from '../live/use-pages.ts'
import { useSend } from '../live/use-send.ts'
import { useStream } from '../live/use-stream.ts'
import { dateTime, points, short, words } from '../parts/format.ts'
import { More } from '../parts/more.tsx'
import { Empty, Loaded, Problem } from '../parts/states.tsx'

interface Wallet {
  readonly balance?: string
  readonly transactions?: readonly Transaction[]
  readonly nextPageToken?: string
}

interface Transaction {
  readonly transactionId: string
  readonly kind: string
  readonly amount: string
  readonly balance?: string
  readonly paymentId?: string
  readonly time: string
}

/** Shows the balance and the ledger of the signed-in user's wallet. */
export function WalletScreen({ me }: { readonly me: Me }) {
  const wallet = useData<Wallet>('/api/wallet', 10_000)
  const send = useSend()
  const [amount, setAmount] = useState('50000')
  const [problem, setProblem] = useState<string>()
  useStream({
    onEvents: (events) => {
      if (events.some(({ topic }) => topic === 'point-events')) wallet.reload()
    },
  })
  const ledger = usePages(
    wallet.data,
    ({ transactions = [], nextPageToken = '' }) => ({ rows: transactions, next: nextPageToken }),
    ({ transactionId }) => transactionId,
    (token) => get<Wallet>(`/api/wallet?pageToken=${encodeURIComponent(token)}`),
  )
  const charge = async (): Promise<void> => {
    setProblem(undefined)
    try {
      await send('/api/wallet/charges', { amount })
      wallet.reload()
    } catch (error) {
      setProblem(textOf(error))
    }
  }
  return (
    <>
      <h1>Wallet of {me.user}</h1>
      <Loaded data={wallet} what="The wallet">
        {({ balance = '0' }) => (
          <>
            <section class="card balance" aria-label="Balance">
              <div class="big">{points(balance)}</div>
              <form
                onSubmit={(event) => {
                  event.preventDefault()
                  void charge()
                }}
              >
                <label>
                  Points
                  <input
                    inputMode="numeric"
                    pattern="[1-9][0-9]{0,12}"
                    required
                    value={amount}
                    onInput={(event) => {
                      setAmount(event.currentTarget.value)
                      setProblem(undefined)
                    }}
                  />
                </label>
                <button type="submit" class="primary">
                  Charge
                </button>
              </form>
              {problem !== undefined && <Problem text={problem} retry={() => void charge()} />}
            </section>
            <h2>Ledger</h2>
            {ledger.rows.length === 0 ? (
              <Empty>Nothing has been charged or paid yet.</Empty>
            ) : (
              <>
                <Ledger rows={ledger.rows} />
                {ledger.next !== '' && <More read={ledger.more} />}
              </>
            )}
          </>
        )}
      </Loaded>
    </>
  )
}

function Ledger({ rows }: { readonly rows: readonly Transaction[] }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col" class="number">
            Points
          </th>
          <th scope="col" class="number">
            Balance
          </th>
          <th scope="col">Payment</th>
          <th scope="col" class="wide">
            When
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.transactionId}>
            <th scope="row" class={row.kind.endsWith('REFUND') ? 'compensation' : ''}>
              {words(row.kind, 'POINT_TRANSACTION_KIND_')}
            </th>
            <td class="number">
              {row.kind.endsWith('DEBIT') ? '−' : '+'}
              {points(row.amount.replace('-', ''))}
            </td>
            <td class="number">{points(row.balance ?? '0')}</td>
            <td>{row.paymentId && <a href={`#/payments/${row.paymentId}`}>{short(row.paymentId)}</a>}</td>
            <td class="wide">{dateTime(row.time)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
