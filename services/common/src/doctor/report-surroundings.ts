import type { Kafka } from '../kafka/client.ts'
import type { Database } from '../postgres/database.ts'
import { query } from '../postgres/query.ts'
import type { Logger } from '../telemetry/log.ts'
import { describeServer } from './describe-server.ts'
import { examineKafka } from './examine-kafka.ts'
import { type Finding, textOf } from './finding.ts'
import { judgeServer } from './judge-server.ts'
import { readTopicManifests } from './topic-manifests.ts'

export interface Surroundings {
  readonly kafka: Kafka
  readonly kafkaBrokers: readonly string[]
  /** The number of copies of each record, instead of the manifests' number. */
  readonly kafkaReplicationFactor: number | undefined
  /** The topics that this service consumes. It may read only their settings. */
  readonly topics: readonly string[]
  readonly database: Pick<Database, 'em'>
  readonly log: Logger
  /** Aborted when the service stops, which ends the examination. */
  readonly stopping: AbortSignal
}

/**
 * Logs once whether brokers, topics and the PostgreSQL server are as this service needs them: one line if they are, or
 * one line for each finding. The service's work does not depend on the result: it is for the operator of the topics.
 */
export async function reportSurroundings(surroundings: Surroundings): Promise<void> {
  const { log, stopping } = surroundings
  try {
    const findings = await examine(surroundings)
    if (stopping.aborted) return
    const wanting = findings.filter(({ severity }) => severity !== 'fine')
    for (const finding of wanting) {
      log.warn({ component: 'doctor', severity: finding.severity }, textOf(finding))
    }
    if (wanting.length > 0) return
    log.info({ component: 'doctor' }, `surroundings are as needed: ${findings.map(textOf).join(' ')}`)
  } catch (err) {
    if (stopping.aborted) return
    log.warn({ err, component: 'doctor' }, 'the surroundings could not be looked at')
  }
}

async function examine(surroundings: Surroundings): Promise<Finding[]> {
  const { kafka, kafkaBrokers, kafkaReplicationFactor, topics, database } = surroundings
  const manifests = await readTopicManifests(kafkaReplicationFactor)
  const specs = manifests.filter(({ name }) => topics.includes(name))
  return [
    ...(await examineKafka({ kafka, brokers: kafkaBrokers, specs, missing: 'problem' })),
    ...judgeServer(await describeServer((sql) => query(database.em(), sql))),
  ]
}
