import type { GroupView, TopicView } from '../../../src/contract/answers.ts'
import { useData } from '../live/use-data.ts'
import { useStream } from '../live/use-stream.ts'
import { count, number } from '../parts/format.ts'
import { Empty, Loaded } from '../parts/states.tsx'

const everyMs = 3_000

/** Shows the consumer groups with their lag, and the topics with their leaders. */
export function GroupsScreen() {
  const groups = useData<{ readonly groups: readonly GroupView[] }>('/api/groups', everyMs)
  const topics = useData<{ readonly topics: readonly TopicView[] }>('/api/topics', everyMs)
  useStream({})
  return (
    <>
      <h1>Groups &amp; topics</h1>
      <h2>Consumer groups</h2>
      <Loaded data={groups} what="The consumer groups">
        {({ groups: all }) =>
          all.length === 0 ? (
            <Empty>There are no consumer groups yet.</Empty>
          ) : (
            all.map((group) => <Group key={group.group} group={group} />)
          )
        }
      </Loaded>
      <h2>Topics</h2>
      <Loaded data={topics} what="The topics">
        {({ topics: all }) => (
          <div class="topics">
            {all.map((topic) => (
              <Topic key={topic.topic} topic={topic} />
            ))}
          </div>
        )}
      </Loaded>
    </>
  )
}

function Group({ group }: { readonly group: GroupView }) {
  const lag = group.topics.reduce((sum, topic) => sum + topic.lag, 0)
  return (
    <section class="card group" aria-label={`Group ${group.group}`}>
      <h3>
        {group.group}
        <span class={group.state === 'Stable' ? 'verdict good' : 'verdict unknown'}>{group.state}</span>
        <small>
          {number(lag)} behind, {count(group.members.length, 'member')}
        </small>
      </h3>
      <table class="partitions">
        <thead class="hidden">
          <tr>
            <th scope="col">Topic</th>
            <th scope="col">Lag</th>
            <th scope="col">Partitions</th>
          </tr>
        </thead>
        <tbody>
          {group.topics.map(({ topic, lag: behind, partitions }) => (
            <tr key={topic}>
              <th scope="row">{topic}</th>
              <td class="number">{number(behind)}</td>
              <td>
                <span class="cells">
                  {partitions.map(({ partition, committed, end, lag: unread }) => (
                    <i
                      key={partition}
                      class={unread === 0 ? 'read' : 'behind'}
                      title={`partition ${partition}: read up to ${committed ?? 'nothing'} of ${end}`}
                    />
                  ))}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="quiet">
        {group.members.map(({ id, client, host, partitions }, index) => (
          <span key={id}>
            {index > 0 && ' · '}
            {client}@{host.replace('/', '')}: {count(partitions, 'partition')}
          </span>
        ))}
      </p>
    </section>
  )
}

function Topic({ topic: { topic, partitions } }: { readonly topic: TopicView }) {
  const records = partitions.reduce((sum, { begin, end }) => sum + BigInt(end) - BigInt(begin), 0n)
  const unhealthy = partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length
  const leaders = Map.groupBy(partitions, ({ leader }) => leader)
  return (
    <section class="card topic" aria-label={`Topic ${topic}`}>
      <h3>{topic}</h3>
      <dl class="rows">
        <div>
          <dt>Records</dt>
          <dd>{number(records)}</dd>
        </div>
        <div>
          <dt>Partitions</dt>
          <dd>{partitions.length}</dd>
        </div>
        <div class={unhealthy > 0 ? 'bad' : ''}>
          <dt>Replicas behind</dt>
          <dd>{unhealthy === 0 ? 'none' : `in ${unhealthy}`}</dd>
        </div>
        <div>
          <dt>Leaders</dt>
          <dd>
            {[...leaders]
              .sort(([a], [b]) => a - b)
              .map(([broker, led]) => `${broker < 0 ? 'no leader' : `broker ${broker}`}: ${led.length}`)
              .join(', ')}
          </dd>
        </div>
      </dl>
    </section>
  )
}
