import { useState } from 'preact/hooks'
import { textOf } from '../live/api.ts'
import { useData } from '../live/use-data.ts'
import { useSend } from '../live/use-send.ts'
import { clock, short, typeName, words } from './format.ts'
import { Code } from './raw-message.tsx'
import { Loaded, Problem } from './states.tsx'

/** A dead letter in protobuf JSON: empty fields are left out, and bytes are in base64. */
export interface DeadLetter {
  readonly deadLetterId: string
  readonly messageId: string
  readonly type?: string
  readonly topic: string
  readonly partition?: number
  readonly offset?: string
  readonly key?: string
  readonly reason: string
  readonly error?: string
  readonly attempts?: number
  readonly state: string
  readonly createTime: string
  readonly outcomeRequired?: boolean
  readonly payload?: string
  readonly payloadJson?: string
  readonly payloadBytes?: string
  readonly headers?: readonly { readonly name: string; readonly value?: string }[]
  readonly history?: readonly {
    readonly action: string
    readonly time: string
    readonly subject?: string
    readonly detail?: string
  }[]
}

/** The result of an operator's action. */
interface Outcome {
  readonly text: string
  readonly bad: boolean
}

/** Shows a dead letter with all its details, and the actions of an operator. */
export function LetterPanel(props: {
  readonly service: string
  readonly id: string
  onClose(): void
  onChanged(): void
}) {
  const path = `/api/dead-letters/${props.service}/${props.id}`
  const letter = useData<{ readonly deadLetter: DeadLetter }>(path)
  const send = useSend()
  const [outcome, setOutcome] = useState<Outcome>()
  const act = async (action: string, body: object, done: (answer: never) => Outcome): Promise<void> => {
    try {
      setOutcome(done(await send<never>(`${path}/${action}`, body)))
    } catch (error) {
      setOutcome({ text: textOf(error), bad: true })
    }
    letter.reload()
    props.onChanged()
  }
  return (
    <section class="card raw" aria-label="Dead letter">
      <Loaded data={letter} what="The dead letter">
        {({ deadLetter }) => (
          <>
            <h2>
              {typeName(deadLetter.type ?? '')}
              <button type="button" onClick={props.onClose} aria-label="Close the dead letter">
                ×
              </button>
            </h2>
            <p class="error-text">{deadLetter.error}</p>
            <dl>
              <Fact name="Why" value={words(deadLetter.reason, 'DEAD_LETTER_REASON_')} />
              <Fact name="State" value={words(deadLetter.state, 'DEAD_LETTER_STATE_')} />
              <Fact
                name="Place"
                value={`${deadLetter.topic}, partition ${deadLetter.partition ?? 0}, offset ${deadLetter.offset ?? 0}`}
              />
              <Fact name="Key" value={deadLetter.key === undefined ? 'none' : textOfBytes(deadLetter.key)} />
              <Fact name="Message" value={deadLetter.messageId} />
              <Fact
                name="Tried"
                value={deadLetter.attempts === 1 ? 'once' : `${deadLetter.attempts ?? 0} times`}
              />
            </dl>
            {deadLetter.state === 'DEAD_LETTER_STATE_PUT_ASIDE' && <Actions letter={deadLetter} act={act} />}
            {outcome &&
              (outcome.bad ? (
                <Problem text={outcome.text} />
              ) : (
                <p class="state good" role="status">
                  {outcome.text}
                </p>
              ))}
            <h3>Payload</h3>
            <Code text={pretty(deadLetter)} />
            <h3>Headers</h3>
            <Code
              text={(deadLetter.headers ?? [])
                .map(
                  ({ name, value }) =>
                    `${textOfBytes(name)}: ${value === undefined ? '' : textOfBytes(value)}`,
                )
                .join('\n')}
            />
            <h3>History</h3>
            <ol class="history">
              {(deadLetter.history ?? []).map(({ action, time, subject, detail }) => (
                <li key={`${time}${action}`}>
                  <time>{clock(time)}</time> {words(action, 'DEAD_LETTER_ACTION_')} by {subject}
                  {detail && <small>{detail}</small>}
                </li>
              ))}
            </ol>
          </>
        )}
      </Loaded>
    </section>
  )
}

function Actions(props: {
  readonly letter: DeadLetter
  act(action: string, body: object, done: (answer: never) => Outcome): Promise<void>
}) {
  const { letter, act } = props
  const [busy, setBusy] = useState(false)
  const [reason, setReason] = useState('')
  const [outcome, setOutcome] = useState(letter.outcomeRequired ? 'REFUSED' : 'UNSPECIFIED')
  const run = async (work: Promise<void>): Promise<void> => {
    setBusy(true)
    await work
    setBusy(false)
  }
  return (
    <div class="actions">
      <button
        type="button"
        class="primary"
        disabled={busy}
        onClick={() => void run(act('redrive', {}, redriven))}
      >
        Redrive its key
      </button>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void run(
            act('discard', { reason, outcome }, () => ({ text: 'The message was discarded.', bad: false })),
          )
        }}
      >
        <label>
          Reason
          <input
            required
            maxLength={1000}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        {letter.outcomeRequired && (
          <label>
            Treat its command as
            <select value={outcome} onChange={(event) => setOutcome(event.currentTarget.value)}>
              <option value="REFUSED">refused</option>
              <option value="DONE">done</option>
            </select>
          </label>
        )}
        <button type="submit" class="danger" disabled={busy}>
          Discard it
        </button>
      </form>
    </div>
  )
}

function redriven(answer: {
  receipt: { redriveId: string; redriven?: string; failed?: string; remaining?: string }
}): Outcome {
  const { redriveId, redriven: handled = '0', failed = '0', remaining = '0' } = answer.receipt
  const text = `Redrive ${short(redriveId)}: ${handled} handled, ${failed} failed again, ${remaining} still put aside.`
  return { text, bad: failed !== '0' }
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function pretty({ payloadJson, payload, payloadBytes }: DeadLetter): string {
  const part = payloadBytes === undefined ? '' : `; only the beginning of its ${payloadBytes} bytes is kept`
  if (!payloadJson)
    return payload === undefined ? 'none' : `${payload}\n(base64: it cannot be decoded${part})`
  return JSON.stringify(JSON.parse(payloadJson), null, 2)
}

function textOfBytes(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)))
}
