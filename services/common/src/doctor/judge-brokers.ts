import type { ClusterDescription, TopicSpec } from '@boxoffice/kafka'
import { type Finding, fine, problem, warning } from './finding.ts'

/** The number of brokers that the manifests need: the most copies of any topic. */
function replicasNeeded(specs: readonly TopicSpec[]): number {
  return Math.max(1, ...specs.map(({ replicas }) => replicas))
}

/** With this many copies, of which two acknowledge, a payment survives the loss of a broker. */
const safeReplicas = 3

/** Compares the number of a cluster's brokers with the number of copies of each record. */
export function judgeBrokers(
  { brokers, offsetsReplicas, minInSync }: ClusterDescription,
  specs: readonly TopicSpec[],
): Finding[] {
  const replicas = replicasNeeded(specs)
  const count = brokers.length
  if (count < replicas) {
    return [
      problem(
        `Kafka has ${brokersText(count)}.`,
        `Each record is kept ${replicas} times, each on a broker of its own, so ${replicas} are needed.`,
        `Start ${replicas - count} more, or, for development only, keep fewer copies: npm start -- --replication-factor ${Math.max(count, 1)} (or KAFKA_REPLICATION_FACTOR=${Math.max(count, 1)}).`,
      ),
    ]
  }
  const findings: Finding[] = []
  if (offsetsReplicas !== undefined && offsetsReplicas > count) {
    findings.push(
      problem(
        `Kafka wants offsets.topic.replication.factor=${offsetsReplicas} and has ${brokersText(count)}.`,
        'Without its topic of offsets no consumer joins its group.',
        `Set offsets.topic.replication.factor=${count} in the brokers' properties and restart them, or start more brokers.`,
      ),
    )
  }
  const copies = Math.min(offsetsReplicas ?? count, count)
  if (minInSync !== undefined && minInSync > copies) {
    findings.push(
      problem(
        `The brokers have min.insync.replicas=${minInSync}, and their topic of offsets has ${copies === 1 ? '1 copy' : `${copies} copies`}.`,
        'No consumer can join its group while fewer than those acknowledge.',
        `Set min.insync.replicas=${copies} in the brokers' properties and restart them, or start more brokers.`,
      ),
    )
  }
  if (replicas < safeReplicas) findings.push(fewCopies(replicas))
  return findings.length > 0 ? findings : [fine(`Kafka has ${brokersText(count)}, ${replicas} are needed.`)]
}

function fewCopies(replicas: number): Finding {
  const found =
    replicas === 1
      ? 'Each record is kept once: this is for development only.'
      : `Each record is kept ${replicas} times only: this is for development.`
  const price =
    replicas === 1
      ? 'When that broker loses its disk, payments are lost, and while it is away nothing flows.'
      : 'While one of its brokers is away, nothing flows.'
  return warning(
    found,
    price,
    'In production run three brokers and leave out --replication-factor and KAFKA_REPLICATION_FACTOR.',
  )
}

function brokersText(count: number): string {
  return count === 1 ? '1 broker' : `${count} brokers`
}
