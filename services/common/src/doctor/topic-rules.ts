/** A setting of a topic. Its numbers of partitions and replicas count as settings. */
export interface Setting {
  readonly name: string
  readonly found: string
  readonly needed: string
}

export interface Rule {
  /** Whether a value is good enough. */
  readonly does: (found: string, needed: string) => boolean
  /** The words before the value in a sentence. */
  readonly bound: '' | 'at least ' | 'at most '
  /** The consequence of any other value. */
  readonly why: string
  /** The command to type. */
  readonly advice: (topic: string, needed: string) => string
}

/** The severity of a setting; undefined if it is good enough. */
export function deviationOf({ name, found, needed }: Setting): 'problem' | 'warning' | undefined {
  if (ruleOf(name).does(found, needed)) return undefined
  return harmless.has(name) ? 'warning' : 'problem'
}

/** Settings whose longer values only keep records for longer and lose nothing. */
const harmless: ReadonlySet<string> = new Set(['segment.ms'])

export function ruleOf(name: string): Rule {
  return (
    rules[name] ?? {
      does: same,
      bound: '',
      why: 'k8s/base/topics.yaml says so',
      advice: setBy(name),
    }
  )
}

const rules: Readonly<Record<string, Rule>> = {
  partitions: {
    does: atLeast,
    bound: 'at least ',
    why: 'a service has one consumer a partition at most, so fewer bound how much it handles',
    advice: (topic, needed) =>
      `Delete it while it is empty, so that it is created again, or with no records under way: kafka-topics.sh --alter --topic ${topic} --partitions ${needed}.`,
  },
  replicas: {
    does: atLeast,
    bound: 'at least ',
    why: 'what fewer brokers have, fewer failures lose',
    advice: (topic) =>
      `Give ${topic} more replicas with kafka-reassign-partitions.sh, or for development say --replication-factor.`,
  },
  'cleanup.policy': {
    does: same,
    bound: '',
    why: 'compaction removes records that are still to be read',
    advice: setBy('cleanup.policy'),
  },
  'message.timestamp.type': {
    does: same,
    bound: '',
    why: "retention, replays and restores go by the broker's time, as a client's clock may be wrong",
    advice: setBy('message.timestamp.type'),
  },
  'min.insync.replicas': {
    does: atLeast,
    bound: 'at least ',
    why: 'a record that fewer brokers acknowledge is lost with them',
    advice: setBy('min.insync.replicas'),
  },
  'retention.ms': {
    does: atLeast,
    bound: 'at least ',
    why: 'what goes earlier is gone for a consumer that was away, and for a replay',
    advice: setBy('retention.ms'),
  },
  'segment.ms': {
    does: (found, needed) => Number(found) <= Number(needed),
    bound: 'at most ',
    why: 'records go with their segment, so the inboxes have to remember them for longer',
    advice: setBy('segment.ms'),
  },
  'max.message.bytes': {
    does: atLeast,
    bound: 'at least ',
    why: 'larger records are refused, and their payments wait for an operator',
    advice: setBy('max.message.bytes'),
  },
  'retention.bytes': {
    does: atLeast,
    bound: '',
    why: 'a busy hour would remove records that are still to be read',
    advice: setBy('retention.bytes'),
  },
  'unclean.leader.election.enable': {
    does: same,
    bound: '',
    why: 'a broker that lacks acknowledged records would become the leader, and they would be lost',
    advice: setBy('unclean.leader.election.enable'),
  },
}

function setBy(name: string): Rule['advice'] {
  return (topic, needed) =>
    `Set it: kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config ${name}=${needed}.`
}

function same(found: string, needed: string): boolean {
  return found === needed
}

/** -1 means unlimited. */
function atLeast(found: string, needed: string): boolean {
  if (found === '-1') return true
  return needed !== '-1' && Number(found) >= Number(needed)
}
