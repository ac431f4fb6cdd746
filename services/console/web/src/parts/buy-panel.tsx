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

/** Buys the chosen seats: holds them, checks out, and shows the progress of the payment. */
export function BuyPanel(props: {
  readonly me: Me
  readonly concertId: string
  readonly chosen: readonly Seat[]
  onBought(): void
}) {
  const { me, concertId, chosen } = props
  const price = chosen.reduce((sum, seat) => sum + BigInt(seat.price), 0n)
  // The amount only applies to the price for which it was typed.
  const [typed, setTyped] = useState({ amount: '', price })
  const send = useSend()
  const wallet = useData<{ readonly balance?: string }>('/api/wallet', 5_000)
  const amount = typed.price === price ? typed.amount : ''
  const toPay = amount === '' ? price : BigInt(amount)
  const { purchase, busy, problem, paymentId, buy, giveBack } = useBuying(send, props.onBought, wallet.reload)
  // The seats of a purchase stay, whatever the map shows: held seats can no longer be chosen there.
  const seats = purchase?.seats ?? chosen.map(({ seat }) => seat)

  return (
    <section class="card buy" aria-labelledby="buy">
      <h2 id="buy">Buy as {me.user}</h2>
      <Loaded data={wallet} what="The wallet">
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
          Pay (any amount other than the price is refused and refunded)
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

/** The state of the present purchase. */
function useBuying(send: Send, onBought: () => void, onEnd: () => void) {
  const [purchase, setPurchase] = useState<Purchase>()
  const [busy, setBusy] = useState<string>()
  const [problem, setProblem] = useState<string>()
  const [paymentId, setPaymentId] = useState<string>()

  /**
   * Runs a step of a purchase. If it fails, the purchase stays, so that the user can retry it or give the seats back.
   */
  async function run(current: Purchase, work: () => Promise<void>): Promise<void> {
    setProblem(undefined)
    setPaymentId(undefined)
    setPurchase(current)
    try {
      await work()
      setPurchase(undefined)
    } catch (error) {
      setProblem(textOf(error))
      if (current.isOver(error)) setPurchase(undefined)
    } finally {
      setBusy(undefined)
      onEnd()
    }
  }

  const buy = (wanted: Parameters<typeof startPurchase>[1]): Promise<void> => {
    const current = purchase ?? startPurchase(send, wanted)
    return run(current, async () => {
      setPaymentId(await current.pay(setBusy))
      onBought()
    })
  }

  const giveBack = (current: Purchase): Promise<void> =>
    run(current, async () => {
      setBusy('Giving the seats back …')
      await current.giveBack()
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
