import { number } from './format.ts'

/** What a replay would read again of a partition, as protobuf JSON has it: what is empty is left out. */
export interface Partition {
  readonly topic: string
  readonly partition?: number
  readonly targetOffset?: string
  readonly untilOffset?: string
  readonly records?: string
  readonly gone?: string
}

/** What a dry run found, as a table, and the button that does it. */
export function ReplayPlan(props: {
  readonly partitions: readonly Partition[]
  readonly onStart: () => void
}) {
  const { partitions, onStart } = props
  const records = partitions.reduce((sum, one) => sum + BigInt(one.records ?? '0'), 0n)
  const rows = partitions.filter((one) => (one.records ?? '0') !== '0' || (one.gone ?? '0') !== '0')
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
