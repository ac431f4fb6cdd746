import type { HopPart, HopPartName } from '../../../src/contract/answers.ts'
import { duration } from './format.ts'

const names: Readonly<Record<HopPartName, string>> = {
  api: 'API, until accepted',
  outbox: 'Outbox, until published',
  broker: 'Kafka, until received',
  wait: 'Waiting for its turn',
  handler: 'Handler, until committed',
}

/** Shows how long the parts of a hop took in the last minute. */
export function HopParts({ parts }: { readonly parts: readonly HopPart[] }) {
  if (parts.length === 0) return null
  return (
    <table class="parts">
      <caption>Parts of a hop</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">p50</th>
          <th scope="col">p95</th>
          <th scope="col">p99</th>
        </tr>
      </thead>
      <tbody>
        {parts.map(({ name, p50, p95, p99 }) => (
          <tr key={name}>
            <th scope="row">{names[name]}</th>
            <td>{duration(p50)}</td>
            <td>{duration(p95)}</td>
            <td>{duration(p99)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
