import { setTimeout as sleep } from 'node:timers/promises'
import type { TopicSpec } from '@boxoffice/kafka'
import {
  type BrokerDescription,
  type ClusterDescription,
  describeCluster,
  failureText,
  kafkaErrorType,
  reach,
  reachBroker,
  withAdmin,
} from '@boxoffice/kafka'
import type { Kafka } from '../kafka/client.ts'
import { type Finding, fine, problem, warning } from './finding.ts'
import { judgeBrokers } from './judge-brokers.ts'
import { judgeTopics } from './judge-topics.ts'

export interface KafkaExamination {
  readonly kafka: Kafka
  /** The addresses of the brokers. */
  readonly brokers: readonly string[]
  /** The topics that are needed. */
  readonly specs: readonly TopicSpec[]
  /** The severity of a missing topic; none if it is about to be created. */
  readonly missing: 'made' | 'warning' | 'problem'
}

/** Compares a Kafka cluster with what Boxoffice needs. Never throws: a cluster that cannot be asked is a finding. */
export async function examineKafka(examination: KafkaExamination): Promise<Finding[]> {
  const { brokers, specs } = examination
  // KafkaJS would try for many seconds, and then report no more than this.
  const failures = await Promise.all(brokers.map(reachBroker))
  if (failures.every((failure) => failure !== undefined)) return [unusable(brokers, failures[0])]
  try {
    const cluster = await describeSettled(examination)
    const unreached = (await Promise.all(cluster.brokers.map(judgeReach))).flat()
    if (unreached.length > 0) return unreached
    const topics = judgeTopics(specs, cluster.topics)
    const missing = judgeMissing(examination, cluster)
    const isFine = topics.length === 0 && missing.length === 0
    return [
      ...judgeBrokers(cluster, specs),
      ...topics,
      ...missing,
      ...(isFine ? [fine(`Topics as k8s/base/topics.yaml says: ${cluster.topics.length}.`)] : []),
    ]
  } catch (error) {
    return [unusable(brokers, failureText(error))]
  }
}

function unusable(brokers: readonly string[], why = 'no address'): Finding {
  return problem(
    `Kafka cannot be used at ${brokers.join(', ')} (${why}).`,
    'Every step of a checkout goes through it.',
    'Start a broker there, or correct KAFKA_BROKERS, its user and its certificates.',
  )
}

/** Describes the cluster. A new topic is known to one broker before another, so missing topics are asked for again. */
async function describeSettled({ kafka, specs, missing }: KafkaExamination): Promise<ClusterDescription> {
  const names = specs.map(({ name }) => name)
  return await withAdmin(kafka, async (admin) => {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= attemptsMax
      try {
        const cluster = await describeCluster(admin, names)
        const isWhole = cluster.topics.length === names.length || missing === 'made'
        if (isWhole || isLast) return cluster
      } catch (error) {
        if (kafkaErrorType(error) !== 'UNKNOWN_TOPIC_OR_PARTITION' || isLast) throw error
      }
      await sleep(attemptPauseMs)
    }
  })
}

const attemptsMax = 4
const attemptPauseMs = 500

/** Checks the address that a broker advertises, because clients use it after their first connection. */
async function judgeReach({ id, host, port }: BrokerDescription): Promise<Finding[]> {
  const failure = await reach(host, port)
  if (failure === undefined) return []
  return [
    problem(
      `Broker ${id} tells its clients to come to ${host}:${port}, where it is not reached from here (${failure}).`,
      'Clients talk to the broker that leads a partition, at the address that it advertises.',
      'Start it, or set advertised.listeners (KAFKA_ADVERTISED_LISTENERS of the image apache/kafka) to an address that leads to it from here.',
    ),
  ]
}

function judgeMissing({ specs, missing }: KafkaExamination, { topics }: ClusterDescription): Finding[] {
  const existing = new Set(topics.map(({ name }) => name))
  const names = specs.map(({ name }) => name).filter((name) => !existing.has(name))
  if (names.length === 0 || missing === 'made') return []
  const make = missing === 'warning' ? warning : problem
  return [
    make(
      `These topics are missing, or may not be seen: ${names.join(', ')}.`,
      'Without them no message passes.',
      '`npm start` makes them; on Kubernetes: kubectl apply -f k8s/base/topics.yaml, and users.yaml for the rights.',
    ),
  ]
}
