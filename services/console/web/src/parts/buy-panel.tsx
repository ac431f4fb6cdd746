import { useState } from 'preact/hooks'
import type { Me, PaymentSummary, PaymentTimeline } from '../../../src/contract/answers.ts'
import { post, textOf } from '../live/api.ts'
import { useData } from '../live/use-data.ts'
import { useStream } from '../live/use-stream.ts'
import { points } from './format.ts'
import type { Seat } from './seat-map.tsx'
import { Problem } from './states.tsx'
import { Status } from './status.tsx'
import { SwimLanes } from './swim-lanes.tsx'

/** Buys what is chosen: holds the seats, checks out, and shows what becomes of it. */
export function BuyPanel(props: {
  readonly me: Me
  readonly concertId: string
  readonly chosen: readonly Seat[]
  onBought(): void
}) {
  const { me, concertId, chosen } = props
  const price = chosen.reduce((sum, seat) => sum + BigInt(seat.price), 0n)
  // For other seats it counts no more.
  const [typed, setTyped] = useState({ amount: '', price })
  const [busy, setBusy] = useState<string>()
  const [problem, setProblem] = useState<string>()
  const [paymentId, setPaymentId] = useState<string>()
  const wallet = useData<{ readonly balance?: string }>('/api/wallet', 5_000)
  const amount = typed.price === price ? typed.amount : ''
  const toPay = amount === '' ? price : BigInt(amount)

  async function buy(): Promise<void> {
    setProblem(undefined)
    setPaymentId(undefined)
    try {
      setBusy('Holding the seats …')
      const seats = chosen.map(({ seat }) => seat)
      const hold = { requestId: crypto.randomUUID(), concertId, seats }
      const { reservation } = await post<{ reservation: { reservationId: string } }>('/api/holds', hold)
      setBusy('Checking out …')
      const { payment } = await post<{ payment: PaymentSummary }>('/api/checkouts', {
        requestId: crypto.randomUUID(),
        reservationId: reservation.reservationId,
        amount: String(toPay),
      })
      setPaymentId(payment.paymentId)
      props.onBought()
    } catch (error) {
      setProblem(textOf(error))
    } finally {
      setBusy(undefined)
      wallet.reload()
    }
  }

  async function charge(): Promise<void> {
    setProblem(undefined)
    try {
      await post('/api/wallet/charges', { requestId: crypto.randomUUID(), amount: '50000' })
      wallet.reload()
    } catch (error) {
      setProblem(textOf(error))
    }
  }

  return (
    <section class="card buy" aria-labelledby="buy">
      <h2 id="buy">Buy as {me.user}</h2>
      <p>
        Wallet: <b data-balance>{points(wallet.data?.balance ?? '0')}</b>{' '}
        <button type="button" onClick={() => void charge()}>
          Charge 50,000
        </button>
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void buy()
        }}
      >
        <p>
          {chosen.length === 0 ? 'Choose free seats on the map.' : chosen.map(({ seat }) => seat).join(', ')}
        </p>
        <label>
          Pay (another amount than the price is refused, and comes back)
          <input
            inputMode="numeric"
            pattern="[1-9][0-9]{0,12}"
            value={amount === '' ? String(price) : amount}
            disabled={chosen.length === 0}
            onInput={({ currentTarget }) =>
              setTyped({ amount: currentTarget.value.replace(/\D/g, '').replace(/^0+/, ''), price })
            }
          />
        </label>
        <button type="submit" class="primary" disabled={chosen.length === 0 || busy !== undefined}>
          {busy ?? (chosen.length === 0 ? 'Buy' : `Buy for ${points(toPay)}`)}
        </button>
      </form>
      {problem !== undefined && <Problem text={problem} />}
      {paymentId !== undefined && <Watched key={paymentId} paymentId={paymentId} onChange={wallet.reload} />}
    </section>
  )
}

/** What becomes of a payment, step by step. */
function Watched({ paymentId, onChange }: { readonly paymentId: string; readonly onChange: () => void }) {
  const timeline = useData<PaymentTimeline>(`/api/payments/${paymentId}`)
  useStream(
    {
      payment: paymentId,
      ...(timeline.data === undefined ? {} : { after: timeline.data.position }),
      onEvents: () => {
        timeline.reload()
        onChange()
      },
      onReset: timeline.reload,
    },
    timeline.data !== undefined,
  )
  const { data } = timeline
  return (
    <div class="watched" aria-live="polite">
      <p>
        {data?.payment ? <Status payment={data.payment} /> : 'Accepted …'}{' '}
        <a href={`#/payments/${paymentId}`}>See the whole payment</a>
      </p>
      {data !== undefined && data.messages.length > 0 && (
        <SwimLanes
          messages={data.messages}
          chosen={undefined}
          onChoose={() => {
            location.hash = `/payments/${paymentId}`
          }}
        />
      )}
    </div>
  )
}
