import { useState } from 'preact/hooks'
import type { RebuildOutlook } from '../../../src/contract/answers.ts'
import { get, post, textOf } from '../live/api.ts'
import { count, dateTime } from './format.ts'
import { Problem } from './states.tsx'

/** Rebuilds the console's own trail: shows first what a rebuild would do. */
export function RebuildPanel({ mayRebuild }: { readonly mayRebuild: boolean }) {
  const [outlook, setOutlook] = useState<RebuildOutlook>()
  const [problem, setProblem] = useState<string>()
  const [isDone, setDone] = useState(false)
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    setProblem(undefined)
    setDone(false)
    await work().catch((error) => setProblem(textOf(error)))
  }
  const look = (): Promise<void> =>
    attempt(async () => setOutlook(await get<RebuildOutlook>('/api/trail/rebuild')))
  const rebuild = ({ lost }: RebuildOutlook): Promise<void> =>
    attempt(async () => {
      setOutlook(undefined)
      await post('/api/trail/rebuild', { lostMax: lost })
      setDone(true)
    })
  return (
    <section class="card" aria-labelledby="rebuild">
      <h2 id="rebuild">The console’s own trail</h2>
      <p>
        Timelines and books are made from the topics alone. They can be deleted, and rebuilt from the records
        that the topics still hold.
      </p>
      {!mayRebuild && <Problem text="A rebuild is for custodians: your token lacks the role “custodian”." />}
      {outlook === undefined ? (
        <button type="button" disabled={!mayRebuild} onClick={() => void look()}>
          Rebuild the trail …
        </button>
      ) : (
        <>
          <p role="status">
            {count(outlook.records, 'record')} would be read again.{' '}
            {outlook.lost > 0 && (
              <b>
                {count(outlook.lost, 'record')} of the trail are no longer in the topics and would be lost for
                good.
              </b>
            )}
          </p>
          <Rebuilds rebuilds={outlook.rebuilds} />
          <p>
            <button type="button" class="danger" onClick={() => void rebuild(outlook)}>
              {outlook.lost > 0 ? 'Rebuild, and lose them' : 'Rebuild'}
            </button>{' '}
            <button type="button" onClick={() => setOutlook(undefined)}>
              Keep the trail
            </button>
          </p>
        </>
      )}
      {problem !== undefined && <Problem text={problem} />}
      {isDone && (
        <p class="state good" role="status">
          The trail is being rebuilt: the lag of “console” shows the progress.
        </p>
      )}
    </section>
  )
}

/** Shows the earlier rebuilds: their records are kept when the trail is deleted. */
function Rebuilds({ rebuilds }: { readonly rebuilds: RebuildOutlook['rebuilds'] }) {
  if (rebuilds.length === 0) return null
  return (
    <ul aria-label="Rebuilds so far">
      {rebuilds.map(({ subject, requestTime, records, lost }) => (
        <li key={requestTime}>
          {dateTime(requestTime)}: {subject} had {count(records, 'record')} deleted
          {lost > 0 && `, of which ${count(lost, 'record')} could not be read again`}.
        </li>
      ))}
    </ul>
  )
}
