import { useEffect, useRef } from 'preact/hooks'
import type { TrailMessage } from '../../../src/contract/answers.ts'
import { clock, duration, typeName } from './format.ts'

/** Shows a message as it is stored in its topic. */
export function RawMessage({
  message,
  onClose,
}: {
  readonly message: TrailMessage
  readonly onClose: () => void
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  // A user who chose the message with the keyboard continues here.
  useEffect(() => heading.current?.focus(), [message.position])
  const waited = Date.parse(message.publishedTime) - Date.parse(message.madeTime)
  const rows = [
    ['Type', message.type],
    ['Place', `${message.topic}, partition ${message.partition}, offset ${message.offset}`],
    ['Key', message.key ?? 'none'],
    ['Id', message.messageId ?? 'none'],
    ['Cause', message.causeId ?? 'a call or a deadline'],
    ['Made', `${clock(message.madeTime)} by ${message.source}`],
    ['Published', `${clock(message.publishedTime)}, ${duration(Math.max(0, waited))} later`],
    ...(message.problem === null ? [] : [['Problem', message.problem]]),
  ]
  return (
    <section class="card raw" aria-labelledby="raw">
      <h2 id="raw" ref={heading} tabIndex={-1}>
        {typeName(message.type)}
        <button type="button" onClick={onClose} aria-label="Close the message">
          ×
        </button>
      </h2>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h3>Payload</h3>
      <Code
        text={message.payload === null ? (message.bytes ?? 'none') : JSON.stringify(message.payload, null, 2)}
      />
      <h3>Headers</h3>
      <Code
        text={Object.entries(message.headers)
          .map(([name, value]) => `${name}: ${value}`)
          .join('\n')}
      />
    </section>
  )
}

/** Text that can get the focus, so that the keyboard can scroll it. */
export function Code({ text }: { readonly text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by the keyboard
    <pre tabIndex={0}>{text}</pre>
  )
}
