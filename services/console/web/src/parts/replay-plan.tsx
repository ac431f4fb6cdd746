import { number } from './format.ts'

/** The records of a partition that a replay would read again, in protobuf JSON: empty fields are left out. */
export interface Partition {
  readonly topic: string
  readonly partition?: number
  readonly targetOffset?: string
  readonly untilOffset?: string
  readonly records?: string
  readonly gone?: string
}

/** Shows the result of a dry run as a table, with the button that starts the replay. */
export function ReplayPlan(props: {
  readonly partitions: readonly Partition[]
  readonly onStart: () => void
}) {
  const { partitions, onStart } = props
  const records = partitions.reduce((sum, row) => sum + BigInt(row.records ?? '0'), 0n)
  const rows = partitions.filter((row) => (row.records ?? '0') !== '0' || (row.gone ?? '0') !== '0')
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
            {rows.map((row) => (
              <tr key={`${row.topic}/${row.partition}`}>
                <th scope="row">{row.topic}</th>
                <td class="number">{row.partition ?? 0}</td>
                <td class="number">{number(row.targetOffset ?? '0')}</td>
                <td class="number">{number(row.untilOffset ?? '0')}</td>
                <td class="number">{number(row.records ?? '0')}</td>
                <td class="number">{number(row.gone ?? '0')}</td>
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
