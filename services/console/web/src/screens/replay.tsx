import { useEffect, useState } from 'preact/hooks'
import { get, post, textOf } from '../live/api.ts'
import { useStream } from '../live/use-stream.ts'
import { number, words } from '../parts/format.ts'
import { RebuildPanel } from '../parts/rebuild-panel.tsx'
import { Problem } from '../parts/states.tsx'

const services = ['payment', 'point', 'reservation'] as const

interface Partition {
  readonly topic: string
  readonly partition?: number
  readonly targetOffset?: string
  readonly untilOffset?: string
  readonly records?: string
  readonly gone?: string
}

interface Replay {
  readonly replayId: string
  readonly phase: string
  readonly partitions?: readonly Partition[]
  readonly reread?: string
  readonly known?: string
  readonly effective?: string
  readonly putAside?: string
}

/** Reads a consumer's past again: first what that would be, as a table, then doing it. */
export function ReplayScreen({ mayOperate }: { readonly mayOperate: boolean }) {
  const [service, setService] = useState<string>('payment')
  const [from, setFrom] = useState<'earliest' | 'time'>('earliest')
  const [time, setTime] = useState(() => localTime(Date.now() - 600_000))
  const [plan, setPlan] = useState<readonly Partition[]>()
  const [replay, setReplay] = useState<Replay>()
  const [problem, setProblem] = useState<string>()
  useStream({})
  useEffect(() => setPlan(undefined), [service, from, time])
  const isRunning = replay?.phase === 'REPLAY_PHASE_RUNNING'
  useEffect(() => {
    if (replay === undefined || !isRunning) return
    const timer = setInterval(
      () =>
        get<{ replay: Replay }>(`/api/replays/${service}/${replay.replayId}`).then(
          (answer) => setReplay(answer.replay),
          () => undefined,
        ),
      500,
    )
    return () => clearInterval(timer)
  }, [replay?.replayId, isRunning, service])

  const body = { from: from === 'earliest' ? 'earliest' : new Date(time).toISOString() }
  const ask = async (work: () => Promise<void>): Promise<void> => {
    setProblem(undefined)
    await work().catch((error) => setProblem(textOf(error)))
  }
  const dryRun = () =>
    ask(async () => {
      setReplay(undefined)
      setPlan(
        (await post<{ partitions?: Partition[] }>(`/api/replays/${service}/dry-run`, body)).partitions ?? [],
      )
    })
  const start = () =>
    ask(async () => {
      const request = { requestId: crypto.randomUUID(), ...body }
      setReplay((await post<{ replay: Replay }>(`/api/replays/${service}`, request)).replay)
      setPlan(undefined)
    })
  const cancel = (id: string) =>
    ask(async () => {
      const request = { requestId: crypto.randomUUID() }
      setReplay((await post<{ replay: Replay }>(`/api/replays/${service}/${id}/cancel`, request)).replay)
    })

  return (
    <>
      <h1>Replay</h1>
      <p class="quiet">
        A replay only moves a consumer’s stored positions back. Nothing is paused, and what was handled before
        has no second effect.
      </p>
      {!mayOperate && <Problem text="Replays are for operators: your token lacks the role “operator”." />}
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault()
          void dryRun()
        }}
      >
        <label>
          Consumer
          <select
            value={service}
            disabled={isRunning}
            onChange={(event) => setService(event.currentTarget.value)}
          >
            {services.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          From
          <select
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value as 'earliest' | 'time')}
          >
            <option value="earliest">the earliest record</option>
            <option value="time">a time</option>
          </select>
        </label>
        {from === 'time' && (
          <label>
            Time
            <input
              type="datetime-local"
              step="1"
              value={time}
              required
              onInput={(event) => setTime(event.currentTarget.value)}
            />
          </label>
        )}
        <button type="submit" class="primary" disabled={!mayOperate || isRunning}>
          Dry run
        </button>
      </form>
      {problem !== undefined && <Problem text={problem} />}
      {plan && <Plan plan={plan} onStart={() => void start()} />}
      {replay && <Progress replay={replay} onCancel={() => void cancel(replay.replayId)} />}
      {mayOperate && <RebuildPanel />}
    </>
  )
}

function Plan({ plan, onStart }: { readonly plan: readonly Partition[]; readonly onStart: () => void }) {
  const records = plan.reduce((sum, one) => sum + BigInt(one.records ?? '0'), 0n)
  const rows = plan.filter((one) => (one.records ?? '0') !== '0' || (one.gone ?? '0') !== '0')
  return (
    <section class="card" aria-labelledby="plan">
      <h2 id="plan">It would read {number(records)} records again</h2>
      {rows.length > 0 && (
        <table class="list">
          <thead>
            <tr>
              <th scope="col">Topic</th>
              <th scope="col" class="number">
                Partition
              </th>
              <th scope="col" class="number">
                From
              </th>
              <th scope="col" class="number">
                Until
              </th>
              <th scope="col" class="number">
                Records
              </th>
              <th scope="col" class="number">
                Gone
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((one) => (
              <tr key={`${one.topic}/${one.partition}`}>
                <th scope="row">{one.topic}</th>
                <td class="number">{one.partition ?? 0}</td>
                <td class="number">{number(one.targetOffset ?? '0')}</td>
                <td class="number">{number(one.untilOffset ?? '0')}</td>
                <td class="number">{number(one.records ?? '0')}</td>
                <td class="number">{number(one.gone ?? '0')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <button type="button" class="primary" onClick={onStart} disabled={records === 0n}>
        Read them again
      </button>
    </section>
  )
}

function Progress({ replay, onCancel }: { readonly replay: Replay; readonly onCancel: () => void }) {
  const total = (replay.partitions ?? []).reduce((sum, one) => sum + Number(one.records ?? 0), 0)
  const reread = Number(replay.reread ?? 0)
  const isRunning = replay.phase === 'REPLAY_PHASE_RUNNING'
  return (
    <section class="card" aria-labelledby="progress">
      <h2 id="progress">
        Replay {words(replay.phase, 'REPLAY_PHASE_')}
        {isRunning && (
          <button type="button" onClick={onCancel}>
            Cancel it
          </button>
        )}
      </h2>
      <progress
        value={isRunning ? reread : Math.max(reread, 1)}
        max={isRunning ? Math.max(total, 1) : Math.max(reread, 1)}
        aria-label="Records that were read again"
      />
      <dl class="figures" aria-live="polite">
        <Count name="read again" value={replay.reread} />
        <Count name="known already" value={replay.known} />
        <Count name="had an effect" value={replay.effective} />
        <Count name="put aside" value={replay.putAside} />
      </dl>
    </section>
  )
}

function Count({ name, value = '0' }: { readonly name: string; readonly value?: string | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{number(value)}</dd>
    </div>
  )
}

/** As an input of a local date and time takes it. */
function localTime(ms: number): string {
  const date = new Date(ms)
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
