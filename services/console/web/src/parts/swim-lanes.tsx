import type { TrailMessage } from '../../../src/contract/answers.ts'
import { duration, typeName, words } from './format.ts'
import { kindOf } from './tape.tsx'

const lanes = ['payment', 'point', 'reservation'] as const
type Lane = (typeof lanes)[number]

/** The service that reads a topic; null if the topic is for any reader. */
const readers: Readonly<Record<string, Lane | null>> = {
  'point-commands': 'point',
  'reservation-commands': 'reservation',
  'point-events': 'payment',
  'reservation-events': 'payment',
  'payment-events': null,
}

/** Shows the messages of a payment in order, each as an arrow from its sender to its reader. */
export function SwimLanes(props: {
  readonly messages: readonly TrailMessage[]
  readonly chosen: string | undefined
  onChoose(position: string): void
}) {
  const { messages, chosen } = props
  const begin = Date.parse(messages[0]?.madeTime ?? '')
  return (
    <section class="card lanes" aria-labelledby="lanes">
      <h2 id="lanes">Path of the payment</h2>
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
        <span>Choose a message to see its content.</span>
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

/** The colour of a message. A refusal has that of a compensation, because it begins one. */
function colourOf({ type, payload }: TrailMessage): string {
  return (payload as { refusal?: string } | null)?.refusal === undefined ? kindOf(type) : 'compensation'
}

function sourceOf({ source }: TrailMessage): Lane {
  return lanes.find((lane) => source.endsWith(lane)) ?? 'payment'
}

/** Describes a message in a few words. */
function textOf({ type, topic, payload, problem }: TrailMessage): string {
  const name = typeName(type).replace(/(Command|Event)$/, '')
  if (topic.endsWith('-dlt')) return `${name}: put aside`
  if (problem !== null) return `${name}: ${problem.split(':')[0]}`
  const content = payload as {
    success?: boolean
    refusal?: string
    payment?: { status?: string; refund?: string }
  } | null
  if (topic === 'payment-events') {
    const refund = content?.payment?.refund
    const status = words(content?.payment?.status ?? '', 'PAYMENT_STATUS_').toUpperCase()
    if (refund === 'REFUND_STATE_PENDING') return `${status}, refund due`
    return refund === 'REFUND_STATE_DONE' ? `${status}, refunded` : status
  }
  // Protobuf JSON leaves out `success: false`, so a refusal is recognised by its reason.
  if (content?.refusal !== undefined)
    return `${name}: ${words(content.refusal, /^[A-Z]+_REFUSAL_/.exec(content.refusal)?.[0] ?? '')}`
  return name
}

function labelOf(message: TrailMessage): string {
  const reader = readers[message.topic] ?? 'all readers'
  return `${typeName(message.type)} from ${sourceOf(message)} to ${reader}: ${textOf(message)}`
}
