import type { PaymentTimeline } from '../../../src/contract/answers.ts'
import { useData } from '../live/use-data.ts'
import { useStream } from '../live/use-stream.ts'
import { Status } from './status.tsx'
import { SwimLanes } from './swim-lanes.tsx'

/** Shows the progress of a payment, step by step. */
export function WatchedPayment({
  paymentId,
  onChange,
}: {
  readonly paymentId: string
  readonly onChange: () => void
}) {
  const timeline = useData<PaymentTimeline>(`/api/payments/${paymentId}`)
  useStream(
    {
      payment: paymentId,
      ...(timeline.data === undefined ? {} : { after: timeline.data.position }),
      onEvents: () => {
        timeline.reload()
        onChange()
      },
      onReset: timeline.reload,
    },
    timeline.data !== undefined,
  )
  const { data } = timeline
  return (
    <div class="watched" aria-live="polite">
      <p>
        {data?.payment ? <Status payment={data.payment} /> : 'Accepted …'}{' '}
        <a href={`#/payments/${paymentId}`}>See the whole payment</a>
      </p>
      {data !== undefined && data.messages.length > 0 && (
        <SwimLanes
          messages={data.messages}
          chosen={undefined}
          onChoose={() => {
            location.hash = `/payments/${paymentId}`
          }}
        />
      )}
    </div>
  )
}
