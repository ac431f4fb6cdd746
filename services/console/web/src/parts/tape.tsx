import type { FeedEvent } from '../../../src/contract/answers.ts'
import { clock, short, typeName } from './format.ts'
import { Empty } from './states.tsx'

/** Shows the latest messages as they arrive. */
export function Tape({ events }: { readonly events: readonly FeedEvent[] }) {
  return (
    <section class="card tape" aria-labelledby="tape">
      <h2 id="tape">Just now</h2>
      {events.length === 0 ? (
        <Empty>
          No message since you opened the page. <a href="#/concert">Buy a ticket</a>, or start some traffic:{' '}
          <code>npx boxoffice load --rate 5</code>
        </Empty>
      ) : (
        <ol>
          {events.map((event) => (
            <li key={event.position}>
              <time>{clock(event.madeTime)}</time>
              <span class={`type ${kindOf(event.type)}`}>{typeName(event.type)}</span>
              {event.paymentId !== null && (
                <a href={`#/payments/${event.paymentId}`}>{short(event.paymentId)}</a>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

/** The kind of a message, which sets its colour: a command, an event, or part of a compensation. */
export function kindOf(type: string): 'command' | 'event' | 'compensation' {
  if (/Refund|PaymentFailed|PaymentSettled/.test(type)) return 'compensation'
  return type.endsWith('Command') ? 'command' : 'event'
}
