import { useState } from 'preact/hooks'
import type { Me } from '../../../src/contract/answers.ts'
import { textOf } from '../live/api.ts'
import type { Send } from '../live/keep-request-ids.ts'
import { type Purchase, startPurchase } from '../live/purchase.ts'
import { useData } from '../live/use-data.ts'
import { useSend } from '../live/use-send.ts'
import { points } from './format.ts'
import type { Seat } from './seat-map.tsx'
import { Loaded, Problem } from './states.tsx'
import { WatchedPayment } from './watched-payment.tsx'

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
  const send = useSend()
  const wallet = useData<{ readonly balance?: string }>('/api/wallet', 5_000)
  const amount = typed.price === price ? typed.amount : ''
  const toPay = amount === '' ? price : BigInt(amount)
  const { purchase, busy, problem, paymentId, buy, giveBack } = useBuying(send, props.onBought, wallet.reload)
  // What is being bought stays, whatever the map says: held seats can no longer be chosen there.
  const seats = purchase?.seats ?? chosen.map(({ seat }) => seat)

  return (
    <section class="card buy" aria-labelledby="buy">
      <h2 id="buy">Buy as {me.user}</h2>
      <Loaded of={wallet} what="The wallet">
        {({ balance = '0' }) => <Wallet balance={balance} send={send} onCharged={wallet.reload} />}
      </Loaded>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void buy({ concertId, seats, amount: String(toPay) })
        }}
      >
        <p>{seats.length === 0 ? 'Choose free seats on the map.' : seats.join(', ')}</p>
        <label>
          Pay (another amount than the price is refused, and comes back)
          <input
            inputMode="numeric"
            pattern="[1-9][0-9]{0,12}"
            value={purchase?.amount ?? String(toPay)}
            disabled={chosen.length === 0 || purchase !== undefined}
            onInput={({ currentTarget }) =>
              setTyped({ amount: currentTarget.value.replace(/\D/g, '').replace(/^0+/, ''), price })
            }
          />
        </label>
        <button type="submit" class="primary" disabled={seats.length === 0 || busy !== undefined}>
          {busy ?? (purchase ? 'Try again' : seats.length === 0 ? 'Buy' : `Buy for ${points(toPay)}`)}
        </button>
        {purchase && busy === undefined && (
          <button type="button" onClick={() => void giveBack(purchase)}>
            Give the seats back
          </button>
        )}
      </form>
      {problem !== undefined && <Problem text={problem} />}
      {paymentId !== undefined && (
        <WatchedPayment key={paymentId} paymentId={paymentId} onChange={wallet.reload} />
      )}
    </section>
  )
}

/** The purchase that is under way, and what becomes of it. */
function useBuying(send: Send, onBought: () => void, onEnd: () => void) {
  const [purchase, setPurchase] = useState<Purchase>()
  const [busy, setBusy] = useState<string>()
  const [problem, setProblem] = useState<string>()
  const [paymentId, setPaymentId] = useState<string>()

  /** Goes on with a purchase. One that failed stays, to be tried again or given up. */
  async function run(going: Purchase, work: () => Promise<void>): Promise<void> {
    setProblem(undefined)
    setPaymentId(undefined)
    setPurchase(going)
    try {
      await work()
      setPurchase(undefined)
    } catch (error) {
      setProblem(textOf(error))
      if (going.isOver(error)) setPurchase(undefined)
    } finally {
      setBusy(undefined)
      onEnd()
    }
  }

  const buy = (wanted: Parameters<typeof startPurchase>[1]): Promise<void> => {
    const going = purchase ?? startPurchase(send, wanted)
    return run(going, async () => {
      setPaymentId(await going.pay(setBusy))
      onBought()
    })
  }

  const giveBack = (going: Purchase): Promise<void> =>
    run(going, async () => {
      setBusy('Giving the seats back …')
      await going.giveBack()
    })

  return { purchase, busy, problem, paymentId, buy, giveBack }
}

function Wallet(props: { readonly balance: string; readonly send: Send; onCharged(): void }) {
  const [problem, setProblem] = useState<string>()
  const charge = (): void => {
    setProblem(undefined)
    props
      .send('/api/wallet/charges', { amount: '50000' })
      .then(props.onCharged, (error) => setProblem(textOf(error)))
  }
  return (
    <>
      <p>
        Wallet: <b data-balance>{points(props.balance)}</b>{' '}
        <button type="button" onClick={charge}>
          Charge 50,000
        </button>
      </p>
      {problem !== undefined && <Problem text={problem} retry={charge} />}
    </>
  )
}
