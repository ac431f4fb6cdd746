import type { Hop } from '../../../src/contract/answers.ts'
import { typeName } from './format.ts'

/** Shows each step's share of a checkout at the median, split into waiting to be published and being handled. */
export function Hops({ hops }: { readonly hops: readonly Hop[] }) {
  if (hops.length === 0) return null
  const max = Math.max(1, ...hops.map(({ handledMs, outboxMs }) => (handledMs ?? 0) + outboxMs))
  const width = (ms: number) => ({ width: `${(Math.max(0, ms) / max) * 100}%` })
  return (
    <>
      <table class="hops">
        <caption>Steps of a checkout, at the median</caption>
        <thead class="hidden">
          <tr>
            <th scope="col">Message</th>
            <th scope="col">Milliseconds</th>
          </tr>
        </thead>
        <tbody>
          {hops.map(({ type, handledMs, outboxMs }) => (
            <tr key={type}>
              <th scope="row">{typeName(type).replace(/(Event|Command)$/, '')}</th>
              <td>
                <span class="split" aria-hidden="true">
                  <i class="handled" style={width(handledMs ?? 0)} />
                  <i class="outbox" style={width(outboxMs)} />
                </span>
                <span>
                  {handledMs === null ? '' : `${Math.round(handledMs)} + `}
                  {Math.round(outboxMs)} ms
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        <i class="dot handled" aria-hidden="true" /> broker, waiting and handler{' '}
        <i class="dot outbox" aria-hidden="true" /> waiting in the outbox until published
      </p>
    </>
  )
}
