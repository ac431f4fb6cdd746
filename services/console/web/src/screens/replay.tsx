import { useEffect, useRef, useState } from 'preact/hooks'
import { get, post, textOf } from '../live/api.ts'
import { useSend } from '../live/use-send.ts'
import { useStream } from '../live/use-stream.ts'
import { number, words } from '../parts/format.ts'
import { RebuildPanel } from '../parts/rebuild-panel.tsx'
import { type Partition, ReplayPlan } from '../parts/replay-plan.tsx'
import { Problem } from '../parts/states.tsx'

const services = ['payment', 'point', 'reservation'] as const

interface Replay {
  readonly replayId: string
  readonly phase: string
  readonly partitions?: readonly Partition[]
  readonly reread?: string
  readonly known?: string
  readonly effective?: string
  readonly putAside?: string
}

interface StartedReplay extends Replay {
  readonly service: string
}

const running = 'REPLAY_PHASE_RUNNING'

/** The service whose messages are to be read again, and from where. */
interface Selection {
  readonly service: string
  readonly from: 'earliest' | 'time'
  /** The value of an input of a local date and time; empty while it is incomplete. */
  readonly time: string
}

/** The result of a dry run with its request, which starts the replay. */
interface Plan {
  readonly selection: Selection
  readonly body: { readonly from: string }
  readonly partitions: readonly Partition[]
}

/** Replays the past messages of a consumer, after a dry run that shows a table of them. */
export function ReplayScreen(props: { readonly mayOperate: boolean; readonly mayRebuild: boolean }) {
  const { mayOperate, mayRebuild } = props
  const [selection, select] = useState<Selection>(() => ({
    service: 'payment',
    from: 'earliest',
    time: localTime(Date.now() - 600_000),
  }))
  const { plan, replay, problem, dryRun, start, cancel } = useReplay(selection)
  useStream({})
  const isRunning = replay?.phase === running
  return (
    <>
      <h1>Replay</h1>
      <p class="quiet">
        A replay only moves a consumer’s stored positions back. Nothing is paused, and a message that was
        handled before has no second effect. But new messages of these partitions wait behind all records that
        are read again: at a busy time, checkouts time out while a replay runs.
      </p>
      {!mayOperate && <Problem text="Replays are for operators: your token lacks the role “operator”." />}
      <SelectionForm
        selection={selection}
        isRunning={isRunning}
        mayOperate={mayOperate}
        select={select}
        onSubmit={() => void dryRun()}
      />
      {problem !== undefined && <Problem text={problem} />}
      {plan && <ReplayPlan partitions={plan.partitions} onStart={() => void start(plan)} />}
      {replay && <Progress replay={replay} onCancel={() => void cancel(replay)} />}
      <RebuildPanel mayRebuild={mayRebuild} />
    </>
  )
}

/** The dry run of the selection, and the replay that was started. */
function useReplay(selection: Selection) {
  const [found, setFound] = useState<Plan>()
  const [replay, setReplay] = useState<StartedReplay>()
  const [problem, setProblem] = useState<string>()
  const send = useSend()
  const latest = useRef(selection)
  latest.current = selection
  useProgress(replay, setReplay)

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setProblem(undefined)
    await work().catch((error) => setProblem(textOf(error)))
  }
  return {
    // The plan belongs to the selection of its dry run; a changed selection has none yet.
    plan: found?.selection === selection ? found : undefined,
    replay,
    problem,
    dryRun: () =>
      attempt(async () => {
        setReplay(undefined)
        const { service, from, time } = selection
        const body = { from: from === 'earliest' ? 'earliest' : new Date(time).toISOString() }
        const { partitions = [] } = await post<{ partitions?: Partition[] }>(
          `/api/replays/${service}/dry-run`,
          body,
        )
        if (latest.current === selection) setFound({ selection, body, partitions })
      }),
    start: ({ selection: { service }, body }: Plan) =>
      attempt(async () => {
        const answer = await send<{ replay: Replay }>(`/api/replays/${service}`, body)
        setReplay({ service, ...answer.replay })
        setFound(undefined)
      }),
    cancel: ({ service, replayId }: StartedReplay) =>
      attempt(async () => {
        const answer = await send<{ replay: Replay }>(`/api/replays/${service}/${replayId}/cancel`)
        setReplay({ service, ...answer.replay })
      }),
  }
}

/** Reads the progress of a replay while it runs. */
function useProgress(replay: StartedReplay | undefined, onProgress: (replay: StartedReplay) => void): void {
  const isRunning = replay?.phase === running
  useEffect(() => {
    if (replay === undefined || !isRunning) return
    const { service, replayId } = replay
    const timer = setInterval(
      () =>
        get<{ replay: Replay }>(`/api/replays/${service}/${replayId}`).then(
          (answer) => onProgress({ service, ...answer.replay }),
          () => undefined,
        ),
      500,
    )
    return () => clearInterval(timer)
  }, [replay?.replayId, isRunning])
}

function SelectionForm(props: {
  readonly selection: Selection
  readonly isRunning: boolean
  readonly mayOperate: boolean
  select(selection: Selection): void
  onSubmit(): void
}) {
  const { selection, isRunning, mayOperate, select } = props
  const { service, from, time } = selection
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault()
        props.onSubmit()
      }}
    >
      <label>
        Consumer
        <select
          value={service}
          disabled={isRunning}
          onChange={(event) => select({ ...selection, service: event.currentTarget.value })}
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
          onChange={(event) => select({ ...selection, from: event.currentTarget.value as Selection['from'] })}
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
            onInput={(event) => select({ ...selection, time: event.currentTarget.value })}
          />
        </label>
      )}
      <button
        type="submit"
        class="primary"
        disabled={!mayOperate || isRunning || (from === 'time' && time === '')}
      >
        Dry run
      </button>
    </form>
  )
}

function Progress({ replay, onCancel }: { readonly replay: Replay; readonly onCancel: () => void }) {
  const total = (replay.partitions ?? []).reduce((sum, { records }) => sum + Number(records ?? 0), 0)
  const reread = Number(replay.reread ?? 0)
  const isRunning = replay.phase === running
  return (
    <section class="card" aria-labelledby="progress">
      <h2 id="progress">
        Replay {words(replay.phase, 'REPLAY_PHASE_')}
        {isRunning && (
          <button type="button" onClick={onCancel}>
            Cancel the replay
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

/** The format of an input of a local date and time. */
function localTime(ms: number): string {
  const date = new Date(ms)
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
