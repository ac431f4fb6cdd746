import { type Finding, fine, problem } from '@boxoffice/common/doctor/finding.ts'
import { stateDir } from '../platform/paths.ts'
import { defaultPortBase, fixedPorts } from '../platform/port-layout.ts'
import type { RunFile } from '../platform/run-file.ts'
import { parseBrokers, parseDatabaseUrl } from '../start/own-server-addresses.ts'
import { examineOwnKafka, examineOwnPostgres } from '../start/own-servers.ts'
import { lookAround } from '../start/preflight.ts'
import { Refusal } from '../start/refusal.ts'
import { examineFolder } from './examine-folder.ts'
import type { LocalPostgres } from './examine-owner.ts'
import { examinePositions } from './examine-positions.ts'
import { examineShards } from './examine-shards.ts'

export interface DoctorOptions {
  readonly brokers?: string | undefined
  readonly databaseUrl?: string | undefined
  readonly replicationFactor?: number | undefined
  readonly portBase?: number | undefined
}

/**
 * Examines the servers of the system that runs here or, if none runs, what a start would find. Servers in the options
 * are examined instead.
 */
export async function examine(run: RunFile | undefined, options: DoctorOptions): Promise<Finding[]> {
  try {
    return run === undefined || !isAlive(run.pid) ? await beforeStart(options) : await ofSystem(run, options)
  } catch (error) {
    if (error instanceof Refusal) return [problem(error.message, '', '')]
    throw error
  }
}

/** Whether the process of a run file lives: one that was killed together with its guard leaves the file behind. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function beforeStart(options: DoctorOptions): Promise<Finding[]> {
  const { brokers, databaseUrl, replicationFactor } = options
  const findings = await lookAround({
    dir: stateDir,
    ports: fixedPorts(options.portBase ?? defaultPortBase, 1),
    kafkaBrokers: brokers ? parseBrokers(brokers) : undefined,
    replicationFactor,
    databaseUrl: databaseUrl ? parseDatabaseUrl(databaseUrl) : undefined,
  })
  const isFine = findings.every(({ severity }) => severity !== 'problem')
  return isFine ? [...findings, fine('Nothing is in the way of npm start.')] : [...findings]
}

async function ofSystem(run: RunFile, options: DoctorOptions): Promise<Finding[]> {
  const kafka = options.brokers ? { brokers: parseBrokers(options.brokers) } : run.kafka
  const url = options.databaseUrl ? parseDatabaseUrl(options.databaseUrl) : run.adminDatabaseUrl
  const found = await Promise.all([
    examineFolder(stateDir, localPostgresIn(run)),
    examineOwnKafka(kafka, options.replicationFactor ?? run.replicationFactor, 'problem'),
    examineOwnPostgres(url),
    examinePositions(url, kafka),
    examineShards(url),
  ])
  return found.flat()
}

function localPostgresIn({ processes, tlsCaFile }: RunFile): LocalPostgres {
  if (processes.postgres === undefined) return 'none'
  return tlsCaFile === undefined ? 'plain' : 'secure'
}
