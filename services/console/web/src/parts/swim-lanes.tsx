import type { TrailMessage } from '../../../src/contract/answers.ts'
import { duration, typeName, words } from './format.ts'
import { kindOf } from './tape.tsx'

const lanes = ['payment', 'point', 'reservation'] as const
type Lane = (typeof lanes)[number]

/** Whom a topic's messages are for; null: for everybody. */
const readers: Readonly<Record<string, Lane | null>> = {
  'point-commands': 'point',
  'reservation-commands': 'reservation',
  'point-events': 'payment',
  'reservation-events': 'payment',
  'payment-events': null,
}

/** A payment's messages from the first to the last, each as an arrow from who made it to who reads it. */
export function SwimLanes(props: {
  readonly messages: readonly TrailMessage[]
  readonly chosen: string | undefined
  onChoose(position: string): void
}) {
  const { messages, chosen } = props
  const begin = Date.parse(messages[0]?.madeTime ?? '')
  return (
    <section class="card lanes" aria-labelledby="lanes">
      <h2 id="lanes">Its path</h2>
      <div class="lane-names" aria-hidden="true">
        <span />
        {lanes.map((lane) => (
          <b key={lane}>{lane}</b>
        ))}
      </div>
      <ol>
        {messages.map((message) => (
          <li key={message.position} class={colourOf(message)}>
            <button
              type="button"
              aria-pressed={message.position === chosen}
              aria-label={labelOf(message)}
              onClick={() => props.onChoose(message.position)}
            >
              <time>+{duration(Date.parse(message.madeTime) - begin)}</time>
              <Arrow message={message} />
            </button>
          </li>
        ))}
      </ol>
      <p class="quiet legend">
        <span>
          <i class="dot command" aria-hidden="true" /> command
        </span>
        <span>
          <i class="dot event" aria-hidden="true" /> event
        </span>
        <span>
          <i class="dot compensation" aria-hidden="true" /> failure and compensation
        </span>
        <span>Choose one to see the message as it is.</span>
      </p>
    </section>
  )
}

function Arrow({ message }: { readonly message: TrailMessage }) {
  const from = lanes.indexOf(sourceOf(message))
  const reader = readers[message.topic]
  const text = textOf(message)
  if (reader === null || reader === undefined) {
    const isState = message.topic === 'payment-events'
    return (
      <span class="track">
        <span class={isState ? 'here state-change' : 'here dead'} style={{ gridColumn: from + 1 }}>
          {text}
        </span>
      </span>
    )
  }
  const to = lanes.indexOf(reader)
  const [left, right] = from < to ? [from, to] : [to, from]
  return (
    <span class="track">
      <span class="text" style={{ gridColumn: `${left + 1} / ${right + 2}` }}>
        {text}
      </span>
      <span
        class={from < to ? 'arrow' : 'arrow back'}
        style={{ marginLeft: `${(left + 0.5) * 33.33}%`, width: `${(right - left) * 33.33}%` }}
      />
    </span>
  )
}

/** A refusal is where a compensation begins. */
function colourOf({ type, payload }: TrailMessage): string {
  return (payload as { refusal?: string } | null)?.refusal === undefined ? kindOf(type) : 'compensation'
}

function sourceOf({ source }: TrailMessage): Lane {
  return lanes.find((lane) => source.endsWith(lane)) ?? 'payment'
}

/** What a message says, in a few words. */
function textOf({ type, topic, payload, problem }: TrailMessage): string {
  const name = typeName(type).replace(/(Command|Event)$/, '')
  if (topic.endsWith('-dlt')) return `${name}: put aside`
  if (problem !== null) return `${name}: ${problem.split(':')[0]}`
  const said = payload as {
    success?: boolean
    refusal?: string
    payment?: { status?: string; refund?: string }
  } | null
  if (topic === 'payment-events') {
    const refund = said?.payment?.refund
    const status = words(said?.payment?.status ?? '', 'PAYMENT_STATUS_').toUpperCase()
    if (refund === 'REFUND_STATE_PENDING') return `${status}, refund due`
    return refund === 'REFUND_STATE_DONE' ? `${status}, refunded` : status
  }
  // Protobuf JSON leaves out what is false.
  if (said?.refusal !== undefined)
    return `${name}: ${words(said.refusal, /^[A-Z]+_REFUSAL_/.exec(said.refusal)?.[0] ?? '')}`
  return name
}

function labelOf(message: TrailMessage): string {
  const reader = readers[message.topic] ?? 'everybody'
  return `${typeName(message.type)} from ${sourceOf(message)} to ${reader}: ${textOf(message)}`
}
