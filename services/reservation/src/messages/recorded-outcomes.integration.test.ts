import { randomUUID } from 'node:crypto'
import { ContradictsRecordError } from '@boxoffice/messaging'
import { SeatsRefusal } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { expect } from 'chai'
import { bodyOf, confirm, seatSales } from '../testing/seat-sales.ts'
import { type RunningReservation, startReservation } from '../testing/start-reservation.ts'

describe('reservation-commands', () => {
  let service: RunningReservation
  const { hold, handle, discard, salesOf } = seatSales(() => service)
  before(async () => {
    service = await startReservation()
  })
  after(() => service.stop())

  it('answers a known payment with the recorded outcome, in one batch and in a later one', async () => {
    const reservation = await hold('alice', ['A-1-1'])
    const paymentId = randomUUID()
    const ask = () => confirm(reservation, { paymentId })
    const first = await handle([ask(), ask()])
    const second = await handle([ask()])
    const messages = [...first, ...second]
    expect(messages.map((message) => bodyOf(message).success)).to.deep.equal([true, true, true])
    expect(new Set(messages.map(({ id }) => id)).size).to.equal(3)
    expect(await salesOf(reservation)).to.deep.equal([paymentId])
  })

  it('sells nothing and answers nothing to a payment that is recorded for something else', async () => {
    const [reservation, other] = await Promise.all([1, 2].map(() => hold('alice', ['A-1-1'])))
    if (!reservation || !other) throw new Error('nothing was held')
    const [sold, refused] = [randomUUID(), randomUUID()]
    await handle([
      confirm(reservation, { paymentId: sold }),
      confirm(other, { paymentId: refused, amount: 1n }),
    ])
    const forged = [
      confirm(other, { paymentId: sold }),
      confirm(reservation, { paymentId: refused }),
      confirm(reservation, { paymentId: sold, userId: 'bob' }),
      confirm(reservation, { paymentId: sold, amount: 1n }),
    ]
    for (const command of forged) {
      expect(await handle([command]).catch((error: unknown) => error)).to.be.instanceOf(
        ContradictsRecordError,
      )
      expect(await discard(command, 'REFUSED'), 'it may be discarded, and is not answered').to.deep.equal([])
      expect(await discard(command, 'DONE').catch(String)).to.contain('contradicts what is recorded')
    }
    expect(await salesOf(reservation)).to.deep.equal([sold])
    expect(await salesOf(other)).to.deep.equal([])
  })

  it('keeps a refusal for its payment, and sells to another one', async () => {
    const reservation = await hold('alice', ['A-1-1'])
    const refused = randomUUID()
    await handle([confirm(reservation, { paymentId: refused, amount: 1n })])
    const messages = await handle([confirm(reservation), confirm(reservation, { paymentId: refused })])
    expect(messages.map((message) => bodyOf(message).refusal)).to.deep.equal([
      SeatsRefusal.UNSPECIFIED,
      SeatsRefusal.AMOUNT_MISMATCH,
    ])
  })

  it('answers a payment whose command was discarded, at once and when it asks again, and sells nothing', async () => {
    const reservation = await hold('alice', ['A-1-1'])
    const paymentId = randomUUID()
    const discarded = await discard(confirm(reservation, { paymentId }), 'REFUSED')
    const again = await handle([confirm(reservation, { paymentId })])
    expect([...discarded, ...again].map((message) => bodyOf(message).refusal)).to.deep.equal([
      SeatsRefusal.DISCARDED,
      SeatsRefusal.DISCARDED,
    ])
    expect(await salesOf(reservation)).to.deep.equal([])
  })

  it('discards no command with an outcome that contradicts what it has sold', async () => {
    const reservation = await hold('alice', ['A-1-1'])
    const command = confirm(reservation)
    expect(await discard(command, 'DONE').catch(String)).to.contain('contradicts what is recorded')
    await handle([command])
    expect(await discard(command, 'REFUSED').catch(String)).to.contain('contradicts what is recorded')
    const [message] = await discard(command, 'DONE')
    expect(bodyOf(message).success).to.equal(true)
  })
})
