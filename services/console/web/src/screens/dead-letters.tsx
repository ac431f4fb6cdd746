import { useEffect, useState } from 'preact/hooks'
import { get } from '../live/api.ts'
import { useData } from '../live/use-data.ts'
import { usePages } from '../live/use-pages.ts'
import { useStream } from '../live/use-stream.ts'
import { dateTime, typeName, words } from '../parts/format.ts'
import { type DeadLetter, LetterPanel } from '../parts/letter-panel.tsx'
import { More } from '../parts/more.tsx'
import { Empty, Loaded, Problem } from '../parts/states.tsx'

const services = ['payment', 'point', 'reservation'] as const

interface Letters {
  readonly deadLetters?: readonly DeadLetter[]
  readonly nextPageToken?: string
}

/** Shows the dead letters of each service. */
export function DeadLettersScreen({ mayOperate }: { readonly mayOperate: boolean }) {
  const [all, setAll] = useState(false)
  const [chosen, choose] = useState<{ service: string; id: string }>()
  const [changes, setChanges] = useState(0)
  if (!mayOperate) {
    return (
      <>
        <h1>Dead letters</h1>
        <Problem text="Dead letters are for operators: your token lacks the role “operator”." />
      </>
    )
  }
  return (
    <>
      <h1>Dead letters</h1>
      <p class="quiet">
        A message that a consumer could not handle is put aside. Later messages of its key wait behind it;
        everything else flows. A redrive handles the messages of a key in order; a discard gives one message
        up.
      </p>
      <label class="check">
        <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
        also show redriven and discarded ones
      </label>
      <div class={chosen ? 'path-and-raw' : ''}>
        <div>
          {services.map((service) => (
            <ServiceLetters
              key={`${service} ${all}`}
              service={service}
              all={all}
              changes={changes}
              chosen={chosen?.id}
              onChoose={(id) => choose({ service, id })}
            />
          ))}
        </div>
        {chosen && (
          <LetterPanel
            key={chosen.id}
            service={chosen.service}
            id={chosen.id}
            onClose={() => choose(undefined)}
            onChanged={() => setChanges((times) => times + 1)}
          />
        )}
      </div>
    </>
  )
}

function ServiceLetters(props: {
  readonly service: string
  readonly all: boolean
  readonly changes: number
  readonly chosen: string | undefined
  onChoose(id: string): void
}) {
  const path = `/api/dead-letters/${props.service}?all=${props.all}`
  const letters = useData<Letters>(path, 5_000)
  useEffect(() => {
    if (props.changes > 0) letters.reload()
  }, [props.changes])
  useStream({
    onEvents: (events) => {
      if (events.some(({ topic }) => topic.endsWith('-dlt'))) letters.reload()
    },
  })
  const { rows, next, more } = usePages(
    letters.data,
    ({ deadLetters = [], nextPageToken = '' }) => ({ rows: deadLetters, next: nextPageToken }),
    ({ deadLetterId }) => deadLetterId,
    (token) => get<Letters>(`${path}&pageToken=${encodeURIComponent(token)}`),
  )
  return (
    <section aria-label={`Dead letters of ${props.service}`}>
      <h2>{props.service}</h2>
      <Loaded data={letters} what={`The dead letters of ${props.service}`}>
        {() =>
          rows.length === 0 ? (
            <Empty>Nothing is put aside.</Empty>
          ) : (
            <>
              <table class="list">
                <thead>
                  <tr>
                    <th scope="col">Message</th>
                    <th scope="col">Why</th>
                    <th scope="col" class="wide">
                      Place
                    </th>
                    <th scope="col">State</th>
                    <th scope="col" class="wide">
                      Since
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((letter) => (
                    <tr
                      key={letter.deadLetterId}
                      class={letter.deadLetterId === props.chosen ? 'chosen' : ''}
                    >
                      <th scope="row">
                        <button
                          type="button"
                          class="link"
                          onClick={() => props.onChoose(letter.deadLetterId)}
                        >
                          {typeName(letter.type ?? '')}
                        </button>
                      </th>
                      <td>{words(letter.reason, 'DEAD_LETTER_REASON_')}</td>
                      <td class="wide">
                        {letter.topic} / {letter.partition ?? 0} / {letter.offset ?? 0}
                      </td>
                      <td>{words(letter.state, 'DEAD_LETTER_STATE_')}</td>
                      <td class="wide">{dateTime(letter.createTime)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {next !== '' && <More read={more} />}
            </>
          )
        }
      </Loaded>
    </section>
  )
}
