import { expect } from 'chai'
import { keepRequestIds } from './keep-request-ids.ts'
import { startPurchase } from './purchase.ts'

const wanted = { concertId: 'concert', seats: ['A-1-1'], amount: '100' }

describe('a purchase', () => {
  let calls: string[]
  let failing: Map<string, number>
  beforeEach(() => {
    calls = []
    failing = new Map()
  })

  it('holds the seats, and checks out', async () => {
    const texts: string[] = []
    expect(await start().pay((text) => texts.push(text))).to.equal('payment')
    expect(calls).to.deep.equal(['hold 1', 'checkout 2'])
    expect(texts).to.deep.equal(['Holding the seats …', 'Checking out …'])
  })

  it('continues with the held seats after the answer to a checkout was lost', async () => {
    const purchase = start()
    failing.set('checkout', 503)
    await fails(purchase.pay(() => undefined))
    failing.clear()
    await purchase.pay(() => undefined)
    expect(calls).to.deep.equal(['hold 1', 'checkout 2', 'checkout 2'])
  })

  it('gives its held seats back', async () => {
    const purchase = start()
    failing.set('checkout', 409)
    const error = await fails(purchase.pay(() => undefined))
    expect(purchase.isOver(error), 'with seats that are held').to.equal(false)
    await purchase.giveBack()
    expect(calls).to.deep.equal(['hold 1', 'checkout 2', 'release 3'])
  })

  it('finds out which seats to give back after the answer to the hold was lost', async () => {
    const purchase = start()
    failing.set('hold', 0)
    const error = await fails(purchase.pay(() => undefined))
    expect(purchase.isOver(error), 'while the result of the hold is unknown').to.equal(false)
    failing.clear()
    await purchase.giveBack()
    expect(calls).to.deep.equal(['hold 1', 'hold 1', 'release 2'])
  })

  it('is over when the seats are refused', async () => {
    const purchase = start()
    failing.set('hold', 409)
    expect(purchase.isOver(await fails(purchase.pay(() => undefined)))).to.equal(true)
  })

  it('is over when its seats cannot be given back because they are sold', async () => {
    const purchase = start()
    failing.set('checkout', 503).set('release', 409)
    await fails(purchase.pay(() => undefined))
    expect(purchase.isOver(await fails(purchase.giveBack()))).to.equal(true)
  })

  function start() {
    const numbers = new Map<string, number>()
    const post = async <Answer>(path: string, body: object = {}): Promise<Answer> => {
      const { requestId } = body as { requestId: string }
      if (!numbers.has(requestId)) numbers.set(requestId, numbers.size + 1)
      const name = path.split('/').at(-1)?.replace(/s$/, '') ?? ''
      calls.push(`${name} ${numbers.get(requestId)}`)
      const status = failing.get(name)
      if (status !== undefined) throw Object.assign(new Error(name), { status })
      return { reservation: { reservationId: 'reservation' }, payment: { paymentId: 'payment' } } as Answer
    }
    return startPurchase(keepRequestIds(post), wanted)
  }
})

async function fails(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  )
}
