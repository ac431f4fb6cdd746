import { useState } from 'preact/hooks'
import type { Me, PaymentSummary, PaymentTimeline, TrailMessage } from '../../../src/contract/answers.ts'
import { textOf } from '../live/api.ts'
import { useData } from '../live/use-data.ts'
import { useSend } from '../live/use-send.ts'
import { useStream } from '../live/use-stream.ts'
import { dateTime, duration, points } from '../parts/format.ts'
import { RawMessage } from '../parts/raw-message.tsx'
import { Empty, Loaded, Problem } from '../parts/states.tsx'
import { Status } from '../parts/status.tsx'
import { SwimLanes } from '../parts/swim-lanes.tsx'

/** A verdict on the books is not a message, so the payment is read again from time to time. */
const rereadMs = 3_000

/** Shows one payment: its path through the services as a picture, and its messages. */
export function PaymentScreen({ paymentId, me }: { readonly paymentId: string; readonly me: Me }) {
  const timeline = useData<PaymentTimeline>(`/api/payments/${paymentId}`, rereadMs)
  useStream(
    {
      payment: paymentId,
      ...(timeline.data === undefined ? {} : { after: timeline.data.position }),
      onEvents: timeline.reload,
      onReset: timeline.reload,
    },
    timeline.data !== undefined,
  )
  return (
    <>
      <p class="path">
        <a href="#/payments">Payments</a> /
      </p>
      <h1 class="id">{paymentId}</h1>
      <Loaded data={timeline} what="The payment">
        {({ payment, messages }) => (
          <>
            {payment && <Facts payment={payment} me={me} />}
            {messages.length === 0 ? (
              <Empty>
                There are no messages about this payment: it does not exist, or its messages are no longer in
                the topics.
              </Empty>
            ) : (
              <Path messages={messages} />
            )}
          </>
        )}
      </Loaded>
    </>
  )
}

function Path({ messages }: { readonly messages: readonly TrailMessage[] }) {
  const [chosen, choose] = useState<string>()
  const message = messages.find(({ position }) => position === chosen)
  return (
    <div class={message ? 'path-and-raw' : ''}>
      <SwimLanes
        messages={messages}
        chosen={chosen}
        onChoose={(position) => choose(position === chosen ? undefined : position)}
      />
      {message && <RawMessage message={message} onClose={() => choose(undefined)} />}
    </div>
  )
}

function Facts({ payment, me }: { readonly payment: PaymentSummary; readonly me: Me }) {
  const [problem, setProblem] = useState<string>()
  const send = useSend()
  const cancel = (): void => {
    setProblem(undefined)
    send(`/api/payments/${payment.paymentId}/cancel`).catch((error) => setProblem(textOf(error)))
  }
  const took = Date.parse(payment.updateTime) - Date.parse(payment.createTime)
  return (
    <section class="card facts" aria-label="The payment">
      <Status payment={payment} />
      <dl>
        <Fact name="User" value={payment.userId} />
        <Fact name="Seats" value={payment.seats.join(', ') || '—'} />
        <Fact name="Amount" value={points(payment.amount)} />
        <Fact name="Began" value={dateTime(payment.createTime)} />
        <Fact name="Took" value={payment.final ? duration(took) : 'under way'} />
        <Fact
          name="Books"
          value={payment.faults === null ? 'not judged yet' : payment.faults.join(', ') || 'right'}
        />
      </dl>
      {payment.status === 'PENDING' && payment.userId === me.user && (
        <button type="button" onClick={cancel}>
          Cancel the payment
        </button>
      )}
      {problem !== undefined && <Problem text={`The payment was not cancelled: ${problem}`} />}
    </section>
  )
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
