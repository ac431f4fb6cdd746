import type { Payment as PaymentMessage } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { PaymentSchema, PaymentTransitionSchema } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { create } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { createPaymentFeed } from './payment-feed.ts'

const paymentId = '0b6d5d1c-2f0c-5a51-9f3f-5d6a2a2e8a11'
const never = new AbortController().signal

describe('the payment feed', () => {
  it('streams the stored state first, then each newer one, and ends when it is final', async () => {
    const feed = createPaymentFeed(async () => [state(1)])
    const stream = feed.stream(paymentId, 0, never)
    expect((await stream.next()).value?.sequence).to.equal(1)
    feed.receive(state(2))
    expect((await stream.next()).value?.sequence).to.equal(2)
    feed.receive(state(3, true))
    expect((await stream.next()).value?.sequence).to.equal(3)
    expect((await stream.next()).done).to.equal(true)
    expect(feed.isWatched(paymentId)).to.equal(false)
  })

  it('reads the database where it sees a gap, so that no transition is left out', async () => {
    let stored = 1
    const feed = createPaymentFeed(async (_ids, after) => [state(stored, stored === 4, after)])
    const stream = feed.stream(paymentId, 0, never)
    await stream.next()
    stored = 4
    feed.receive(state(4, true))
    const { value } = await stream.next()
    expect((value as PaymentMessage).transitions.map(({ sequence }) => sequence)).to.deep.equal([2, 3, 4])
  })

  it('skips states that it has sent already', async () => {
    const feed = createPaymentFeed(async () => [state(3)])
    const stream = feed.stream(paymentId, 0, never)
    await stream.next()
    feed.receive(state(2))
    feed.receive(state(3))
    const next = stream.next()
    feed.receive(state(4, true))
    expect((await next).value?.sequence).to.equal(4)
  })

  it('does not miss a state that is published while it reads the first one', async () => {
    const feed = createPaymentFeed(async (_ids, after) => {
      if (after === 0) feed.receive(state(2, true))
      return [state(1)]
    })
    const sequences: number[] = []
    for await (const payment of feed.stream(paymentId, 0, never)) sequences.push(payment.sequence)
    expect(sequences).to.deep.equal([1, 2])
  })

  it('reads all watched payments again on a refresh', async () => {
    let stored = 1
    const feed = createPaymentFeed(async (_ids, after) => [state(stored, stored === 2, after)])
    const stream = feed.stream(paymentId, 0, never)
    await stream.next()
    stored = 2
    await feed.refresh()
    expect((await stream.next()).value?.sequence).to.equal(2)
  })

  it('reports whether a state was news to a watcher', async () => {
    const feed = createPaymentFeed(async () => [state(1)])
    expect(feed.receive(state(1)), 'without a watcher').to.equal(false)
    const watcher = feed.watch(paymentId)
    const next = watcher.newerThan(1, never)
    expect(feed.receive(state(1)), 'what the watcher has read').to.equal(false)
    expect(feed.receive(state(2)), 'a newer state').to.equal(true)
    expect((await next)?.sequence).to.equal(2)
    expect(feed.receive(state(2)), 'a repeat').to.equal(false)
    watcher.close()
    expect(feed.receive(state(3)), 'after the watcher has left').to.equal(false)
  })

  it('waits until a payment is watched, and no longer than it may', async () => {
    const feed = createPaymentFeed(async () => [])
    let isOver = false
    const waiting = feed.untilWatched(60_000, never).then(() => (isOver = true))
    await new Promise(setImmediate)
    expect(isOver).to.equal(false)
    const watcher = feed.watch(paymentId)
    await waiting
    await feed.untilWatched(60_000, never)
    watcher.close()
    await feed.untilWatched(1, never)
    await feed.untilWatched(60_000, AbortSignal.abort())
  })

  it('ends a stream when its caller leaves, and forgets the watcher', async () => {
    const leaving = new AbortController()
    const feed = createPaymentFeed(async () => [state(1)])
    const stream = feed.stream(paymentId, 0, leaving.signal)
    await stream.next()
    const next = stream.next()
    leaving.abort()
    expect((await next).done).to.equal(true)
    expect(feed.isWatched(paymentId)).to.equal(false)
  })
})

function state(sequence: number, final = false, after = 0): PaymentMessage {
  const transitions = Array.from({ length: sequence - after }, (_, nth) =>
    create(PaymentTransitionSchema, { sequence: after + nth + 1 }),
  )
  return create(PaymentSchema, { paymentId, sequence, final, transitions })
}
