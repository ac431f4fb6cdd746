import { useEffect, useRef, useState } from 'preact/hooks'
import type { Me } from '../../../src/contract/answers.ts'
import { go } from '../live/route.ts'
import { hearSeats, type LatestChanges, stillFree, turnSeats } from '../live/turn-seats.ts'
import { useData } from '../live/use-data.ts'
import { useSoon } from '../live/use-soon.ts'
import { useStream } from '../live/use-stream.ts'
import { BuyPanel } from '../parts/buy-panel.tsx'
import { dateTime, number } from '../parts/format.ts'
import { type Seat, SeatMap } from '../parts/seat-map.tsx'
import { Empty, Loaded } from '../parts/states.tsx'

interface Concert {
  readonly concertId: string
  readonly title: string
  readonly startTime: string
  readonly seatsTotal: number
  readonly sections: readonly { readonly name: string; readonly price: string }[]
}

interface Seats {
  readonly seats: readonly Seat[]
  readonly position: string
}

/** Holds lapse without a message, so the map is read again from time to time. */
const rereadMs = 10_000
/**
 * If an event leaves a seat unclear, the map is read again after this time. A large map takes a while, so not for each
 * event.
 */
const unsureMs = 2_000

/** Shows the seats of a concert, which change as they are held and sold, and the panel to buy some. */
export function ConcertScreen({
  concertId,
  me,
}: {
  readonly concertId: string | undefined
  readonly me: Me
}) {
  const concerts = useData<{ readonly concerts?: readonly Concert[] }>('/api/concerts')
  return (
    <Loaded data={concerts} what="The concerts">
      {({ concerts: all = [] }) => {
        const concert = all.find((candidate) => candidate.concertId === concertId) ?? all[0]
        if (concert === undefined)
          return <Empty>There is no concert. `npm start` creates one, unless it has `--no-demo`.</Empty>
        return (
          <>
            {all.length > 1 && (
              <label class="choose">
                Concert
                <select
                  value={concert.concertId}
                  onChange={(event) => go('concert', event.currentTarget.value)}
                >
                  {all.map((option) => (
                    <option key={option.concertId} value={option.concertId}>
                      {option.title}
                    </option>
                  ))}
                </select>
              </label>
            )}
            <h1>{concert.title}</h1>
            <p class="quiet">{dateTime(concert.startTime)}</p>
            <House key={concert.concertId} concert={concert} me={me} />
          </>
        )
      }}
    </Loaded>
  )
}

function House({ concert, me }: { readonly concert: Concert; readonly me: Me }) {
  const { concertId } = concert
  const seats = useData<Seats>(`/api/concerts/${concertId}/seats`, rereadMs)
  const [chosen, choose] = useState<readonly string[]>([])
  const latest = useRef<LatestChanges>(new Map())
  const rereadSoon = useSoon(seats.reload, unsureMs)
  useStream(
    {
      concert: concertId,
      ...(seats.data === undefined ? {} : { after: seats.data.position }),
      onEvents: (events) => {
        const news = hearSeats(latest.current, events)
        latest.current = news.latest
        seats.change((data) => ({ ...data, seats: turnSeats(data.seats, news.turns) }))
        if (news.isUnsure) rereadSoon()
      },
      onReset() {
        latest.current = new Map()
        seats.reload()
      },
    },
    seats.data !== undefined,
  )
  const shown = seats.data?.seats
  // A seat that another user has taken can no longer be chosen, whether an event or the map reports it.
  useEffect(() => {
    if (shown !== undefined) choose((before) => stillFree(before, shown))
  }, [shown])
  const toggle = (seat: string): void =>
    choose((before) => (before.includes(seat) ? before.filter((other) => other !== seat) : [...before, seat]))
  return (
    <Loaded data={seats} what="The seats">
      {({ seats: all }) => (
        <div class="house">
          <section class="card" aria-labelledby="seats">
            <h2 id="seats">Seats</h2>
            <Counts seats={all} />
            <SeatMap seats={all} chosen={chosen} onToggle={toggle} />
          </section>
          <BuyPanel
            me={me}
            concertId={concertId}
            chosen={all.filter(({ seat }) => chosen.includes(seat))}
            onBought={() => choose([])}
          />
        </div>
      )}
    </Loaded>
  )
}

function Counts({ seats }: { readonly seats: readonly Seat[] }) {
  const count = (status: string): number => seats.filter((seat) => seat.status === status).length
  return (
    <p class="legend">
      <span>
        <i class="seat free" aria-hidden="true" /> {number(count('SEAT_STATUS_AVAILABLE'))} free
      </span>
      <span>
        <i class="seat held" aria-hidden="true" /> {number(count('SEAT_STATUS_HELD'))} held
      </span>
      <span>
        <i class="seat sold" aria-hidden="true" /> {number(count('SEAT_STATUS_SOLD'))} sold
      </span>
      <span>
        <i class="seat chosen" aria-hidden="true" /> yours to buy
      </span>
    </p>
  )
}
