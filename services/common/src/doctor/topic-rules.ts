/** A setting of a topic, its partitions and copies among them. */
export interface Setting {
  readonly name: string
  readonly found: string
  readonly needed: string
}

export interface Rule {
  /** Which values do. */
  readonly does: (found: string, needed: string) => boolean
  /** How a sentence says that, before the value. */
  readonly bound: '' | 'at least ' | 'at most '
  /** What goes wrong with any other. */
  readonly why: string
  /** What to type. */
  readonly advice: (topic: string, needed: string) => string
}

/** How bad it is, or undefined where the setting does. */
export function deviationOf({ name, found, needed }: Setting): 'problem' | 'warning' | undefined {
  if (ruleOf(name).does(found, needed)) return undefined
  return harmless.has(name) ? 'warning' : 'problem'
}

/** Longer than needed, records are kept; nothing is lost by it. */
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
      `Delete it while it is empty, so that it is made anew, or with no records under way: kafka-topics.sh --alter --topic ${topic} --partitions ${needed}.`,
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

/** -1 has no end. */
function atLeast(found: string, needed: string): boolean {
  if (found === '-1') return true
  return needed !== '-1' && Number(found) >= Number(needed)
}
