import type { TopicDescription, TopicSpec } from '@boxoffice/kafka'
import { type Finding, problem, warning } from './finding.ts'
import { deviationOf, ruleOf, type Setting } from './topic-rules.ts'

/** Compares existing topics with their specifications. Topics that deviate in the same way share a finding. */
export function judgeTopics(specs: readonly TopicSpec[], topics: readonly TopicDescription[]): Finding[] {
  const alike = new Map<string, { setting: Setting; topics: string[] }>()
  for (const topic of topics) {
    const spec = specs.find(({ name }) => name === topic.name)
    if (spec === undefined) continue
    for (const setting of settingsOf(spec, topic)) {
      if (!deviationOf(setting)) continue
      const key = JSON.stringify(setting)
      const group = alike.get(key) ?? { setting, topics: [] }
      group.topics.push(topic.name)
      alike.set(key, group)
    }
  }
  return [...[...alike.values()].map(toFinding), ...topics.flatMap(judgePartitions)]
}

/** Settings that the manifests leave out, but that their guarantees depend on. */
const neededOfAll = { 'retention.bytes': '-1', 'unclean.leader.election.enable': 'false' } as const

function settingsOf(spec: TopicSpec, { partitions, config }: TopicDescription): Setting[] {
  const replicas = Math.min(...partitions.map((partition) => partition.replicas))
  const counted: Setting[] = [
    { name: 'partitions', found: String(partitions.length), needed: String(spec.partitions) },
    { name: 'replicas', found: String(replicas), needed: String(spec.replicas) },
  ]
  const set = Object.entries({ ...neededOfAll, ...spec.config }).flatMap(([name, needed]) => {
    const found = config[name]
    // A broker that is too old or too new for a setting is not judged by it.
    return found === undefined ? [] : [{ name, found, needed }]
  })
  return [...counted, ...set]
}

function toFinding({ setting, topics }: { setting: Setting; topics: readonly string[] }): Finding {
  const { name, found, needed } = setting
  const rule = ruleOf(name)
  const make = deviationOf(setting) === 'warning' ? warning : problem
  return make(
    `${listed(topics)} ${topics.length === 1 ? 'has' : 'have'} ${name}=${found}.`,
    `Boxoffice needs ${rule.bound}${needed}: ${rule.why}.`,
    rule.advice(topics.length === 1 ? (topics[0] ?? '') : 'TOPIC', needed),
  )
}

/** Finds partitions that can accept no records at present. */
function judgePartitions({ name, partitions, config }: TopicDescription): Finding[] {
  const leaderless = partitions.filter(({ hasLeader }) => !hasLeader).length
  if (leaderless > 0) {
    return [
      problem(
        `Topic ${name} has ${leaderless} partitions without a leader.`,
        'Each partition needs a broker that leads it.',
        'Start the brokers that have its records.',
      ),
    ]
  }
  const minInSync = Number(config['min.insync.replicas'] ?? 1)
  const copies = Math.min(...partitions.map(({ replicas }) => replicas))
  if (minInSync > copies) {
    return [
      problem(
        `Topic ${name} has min.insync.replicas=${minInSync} and ${copies} replicas.`,
        'No record is ever acknowledged by more brokers than have the partition.',
        `Lower it: kafka-configs.sh --alter --entity-type topics --entity-name ${name} --add-config min.insync.replicas=${copies}, or add replicas.`,
      ),
    ]
  }
  const behind = partitions.filter(({ inSync }) => inSync < minInSync).length
  if (behind === 0) return []
  return [
    problem(
      `Topic ${name} has ${behind} partitions with fewer than ${minInSync} replicas in sync.`,
      'They take no record until enough brokers have what they hold.',
      'Start the brokers that are down, and wait until they have caught up.',
    ),
  ]
}

const namesMax = 3

/** `Topics a, b, c and 7 more`. */
function listed(topics: readonly string[]): string {
  if (topics.length === 1) return `Topic ${topics[0]}`
  const more = topics.length - namesMax
  const shown = topics.slice(0, namesMax).join(', ')
  return more > 0 ? `Topics ${shown} and ${more} more` : `Topics ${shown}`
}
