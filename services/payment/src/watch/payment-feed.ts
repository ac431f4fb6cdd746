import { pause } from '@boxoffice/pacing'
import type { Payment as PaymentMessage } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { latestTransition, toPaymentMessage } from '../contract/to-proto.ts'
import type { Payment } from '../domain/payment.ts'

/** Reads payments from the database, each with its transitions after a sequence. */
export type ReadPayments = (paymentIds: readonly string[], afterSequence: number) => Promise<PaymentMessage[]>

/** The newest state that one watcher has not read yet. A slow watcher skips states, and they never pile up. */
export interface Watcher {
  /** Waits for a state that is newer than `sequence`; undefined once `signal` is aborted. */
  newerThan(sequence: number, signal: AbortSignal): Promise<PaymentMessage | undefined>
  close(): void
}

/**
 * Publishes payments to this replica's watchers. The replica that commits publishes at once; the others read
 * payment-events. What is published is a hint: a watcher that sees a gap in the sequence reads the database.
 */
export interface PaymentFeed {
  watch(paymentId: string): Watcher
  /** Streams a payment: its state with the transitions after `afterSequence`, then each newer one, until it is final. */
  stream(paymentId: string, afterSequence: number, signal: AbortSignal): AsyncGenerator<PaymentMessage>
  isWatched(paymentId: string): boolean
  /** Publishes payments that this replica has committed, each state exactly once, because they are counted. */
  publish(payments: readonly Payment[]): void
  /** Publishes a payment that another replica has committed. @returns whether one of its watchers did not know it yet */
  receive(payment: PaymentMessage): boolean
  /** Waits until a payment is watched, at most for `withinMs` or until `signal` is aborted. */
  untilWatched(withinMs: number, signal: AbortSignal): Promise<void>
  /** Reads every watched payment again, with one query, after a time in which events may have been missed. */
  refresh(): Promise<void>
}

export function createPaymentFeed(readPayments: ReadPayments): PaymentFeed {
  const watchers = new Map<string, Set<Mailbox>>()
  /** Aborted while a payment is watched. */
  let watched = new AbortController()

  const receive = (payment: PaymentMessage): boolean => {
    let isNews = false
    for (const mailbox of watchers.get(payment.paymentId) ?? []) {
      if (mailbox.offer(payment)) isNews = true
    }
    return isNews
  }

  const watch = (paymentId: string): Watcher => {
    const mailbox = createMailbox(() => {
      const others = watchers.get(paymentId)
      others?.delete(mailbox)
      if (others?.size === 0) watchers.delete(paymentId)
      if (watchers.size === 0 && watched.signal.aborted) watched = new AbortController()
    })
    const others = watchers.get(paymentId)
    if (others === undefined) watchers.set(paymentId, new Set([mailbox]))
    else others.add(mailbox)
    // With a reason, because without one each call makes an exception with its stack.
    watched.abort('a payment is watched')
    return mailbox
  }

  return {
    watch,
    receive,
    isWatched: (paymentId) => watchers.has(paymentId),
    untilWatched: (withinMs, signal) => pause(withinMs, AbortSignal.any([watched.signal, signal])),
    async *stream(paymentId, afterSequence, signal) {
      const watcher = watch(paymentId)
      try {
        let [state] = await readPayments([paymentId], afterSequence)
        while (state !== undefined) {
          yield state
          if (state.final) return
          const { sequence }: PaymentMessage = state
          const newer = await watcher.newerThan(sequence, signal)
          if (newer === undefined) return
          state =
            newer.sequence === sequence + 1
              ? { ...newer, transitions: [latestTransition(newer)] }
              : (await readPayments([paymentId], sequence))[0]
        }
      } finally {
        watcher.close()
      }
    },
    publish(payments) {
      for (const payment of payments) {
        if (watchers.has(payment.paymentId)) receive(toPaymentMessage(payment))
      }
    },
    async refresh() {
      if (watchers.size === 0) return
      for (const payment of await readPayments([...watchers.keys()], 0)) receive(payment)
    },
  }
}

interface Mailbox extends Watcher {
  /** @returns whether the state is newer than all that its watcher knows */
  offer(payment: PaymentMessage): boolean
}

/** Holds the newest state only. */
function createMailbox(onClose: () => void): Mailbox {
  let newest: PaymentMessage | undefined
  let knownSequence = 0
  let wake = (): void => undefined
  return {
    offer(payment) {
      if (payment.sequence <= knownSequence) return false
      knownSequence = payment.sequence
      newest = payment
      wake()
      return true
    },
    async newerThan(sequence, signal) {
      knownSequence = Math.max(knownSequence, sequence)
      while (newest === undefined || newest.sequence <= sequence) {
        if (signal.aborted) return undefined
        await new Promise<void>((resolve) => {
          wake = resolve
          signal.addEventListener('abort', wakeOnAbort, { once: true })
        })
        signal.removeEventListener('abort', wakeOnAbort)
      }
      return newest
    },
    close: onClose,
  }

  function wakeOnAbort(): void {
    wake()
  }
}
