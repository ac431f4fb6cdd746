import { useState } from 'preact/hooks'
import type { FeedEvent, Overview } from '../../../src/contract/answers.ts'
import { useData } from '../live/use-data.ts'
import { useStream } from '../live/use-stream.ts'
import { Books } from '../parts/books.tsx'
import { figureOf, noteOf, textOf } from '../parts/figure.ts'
import { count, duration, number } from '../parts/format.ts'
import { HopParts } from '../parts/hop-parts.tsx'
import { Hops } from '../parts/hops.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { Loaded } from '../parts/states.tsx'
import { Tape } from '../parts/tape.tsx'

const tapeLength = 9

/** Shows the present traffic, the books, the latency, and the backlogs. */
export function OverviewScreen() {
  const first = useData<Overview>('/api/overview')
  const [tape, setTape] = useState<readonly FeedEvent[]>([])
  useStream({
    onOverview: (overview) => first.change(() => overview),
    onEvents: (events) => setTape((before) => [...events.toReversed(), ...before].slice(0, tapeLength)),
    onReset: first.reload,
  })
  return (
    <>
      <h1>Overview</h1>
      <Loaded data={first} what="The overview">
        {(overview) => (
          <div class="overview">
            <Flow overview={overview} />
            {overview.books !== null && <Books books={overview.books} />}
            <Latency overview={overview} />
            <Waiting overview={overview} />
            <Tape events={tape} />
          </div>
        )}
      </Loaded>
    </>
  )
}

function Flow({ overview }: { readonly overview: Overview }) {
  const { checkouts, totals, inFlight } = overview
  const steps = [
    ['Points requested', inFlight.pending, 'pending'],
    ['Seats being confirmed', inFlight.processing, 'processing'],
    ['Refund on its way', inFlight.refunding, 'refund'],
  ] as const
  return (
    <section class="card flow" aria-labelledby="flow">
      <h2 id="flow">Checkouts</h2>
      <div class="big">
        {checkouts.perSecond.toFixed(1)}
        <small>per second</small>
      </div>
      <Sparkline values={checkouts.series} label="Checkouts accepted in each of the last 60 seconds" />
      <p class="legend">
        <span>60 s ago</span>
        <span>now</span>
      </p>
      <h3>In flight</h3>
      <ul class="steps">
        {steps.map(([text, count, name]) => (
          <li key={name} class={count > 0 ? name : ''}>
            <b>{count}</b> {text}
          </li>
        ))}
      </ul>
      {totals !== null && (
        <p class="quiet">
          {number(totals.accepted)} in total: {number(totals.completed)} completed, {number(totals.failed)}{' '}
          failed
        </p>
      )}
    </section>
  )
}

function Latency({ overview: { latency, parts, hops } }: { readonly overview: Overview }) {
  return (
    <section class="card latency" aria-labelledby="latency">
      <h2 id="latency">Latency from call to final state</h2>
      {latency === null ? (
        <p class="quiet">No payment has become final in the last minute.</p>
      ) : (
        <>
          <dl class="figures">
            {(['p50', 'p95', 'p99'] as const).map((name) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{duration(latency[name])}</dd>
              </div>
            ))}
          </dl>
          <p class="quiet">{count(latency.count, 'payment')} of the last minute</p>
        </>
      )}
      <HopParts parts={parts} />
      <Hops hops={hops} />
    </section>
  )
}

function Waiting({ overview }: { readonly overview: Overview }) {
  const { outbox, groups, deadLetters, stuck } = overview
  const oldest = figureOf(
    outbox.map(({ service, oldestSeconds }) => [service, oldestSeconds]),
    Math.max,
  )
  const letters = figureOf(
    deadLetters.map(({ service, count }) => [service, count]),
    (sum, count) => sum + count,
  )
  return (
    <section class="card waiting" aria-labelledby="waiting">
      <h2 id="waiting">Backlog</h2>
      <dl class="rows">
        <Row
          name="Oldest unpublished message"
          value={textOf(oldest, (seconds) => duration(seconds * 1_000))}
          note={noteOf(oldest, (seconds) => duration(seconds * 1_000))}
          bad={(oldest.known ?? 0) > 30}
        />
        <Row
          name="Stuck payments"
          value={stuck === null ? 'catching up' : number(stuck)}
          bad={(stuck ?? 0) > 0}
        />
        <Row
          name="Dead letters"
          value={textOf(letters, number)}
          note={noteOf(letters, number)}
          bad={(letters.known ?? 0) > 0}
          href="#/dead-letters"
        />
        {groups.map(({ group, lag, recreated }) => (
          <Row
            key={group}
            name={`Lag of ${group}`}
            value={lag === null ? 'unknown' : number(lag)}
            bad={(lag ?? 0) > 1_000 || recreated.length > 0}
            note={
              recreated.length === 0
                ? undefined
                : `does not read ${recreated.join(', ')}, which was created again: accept it (npx boxoffice consumers accept)`
            }
            href="#/groups"
          />
        ))}
      </dl>
    </section>
  )
}

function Row(props: {
  readonly name: string
  readonly value: string
  readonly bad: boolean
  /** Explains the value. */
  readonly note?: string | undefined
  readonly href?: string
}) {
  return (
    <div class={props.bad ? 'bad' : ''}>
      <dt>{props.href === undefined ? props.name : <a href={props.href}>{props.name}</a>}</dt>
      <dd>
        {props.value}
        {props.note !== undefined && <small>{props.note}</small>}
      </dd>
    </div>
  )
}
