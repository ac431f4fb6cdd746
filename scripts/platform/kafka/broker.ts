import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { readLog } from '../log-file.ts'
import { withPrivateFile } from '../private-file.ts'
import { ManagedProcess } from '../process.ts'
import { serverStage } from '../process-set.ts'
import type { KafkaSecurity } from '../security.ts'
import { scramArguments, secureProperties } from './secure-properties.ts'

export interface BrokerSpec {
  readonly id: number
  readonly port: number
  readonly controllerPort: number
  /** The controller ports of all nodes, by id, including this one. */
  readonly controllerPorts: ReadonlyMap<number, number>
  readonly jarsDir: string
  readonly dataDir: string
  readonly logFile: string
  readonly disposable: boolean
  /** Additional broker properties, for tests that need other timings. */
  readonly properties: Readonly<Record<string, string>>
  /** Additional JVM flags. */
  readonly jvmFlags: readonly string[]
  /** TLS and passwords; plain text if undefined. */
  readonly security?: KafkaSecurity | undefined
}

/** Describes one combined broker and controller, and formats its storage if that is new. */
export async function prepareBroker(spec: BrokerSpec): Promise<ManagedProcess> {
  // Other users must not read the credentials that a secure broker stores.
  await mkdir(path.dirname(spec.dataDir), { recursive: true })
  await mkdir(spec.dataDir, { recursive: true, mode: 0o700 })
  await rm(temporaryDirOf(spec), { recursive: true, force: true })
  await mkdir(temporaryDirOf(spec))
  const propertiesFile = path.join(spec.dataDir, 'server.properties')
  // The properties of a secure broker contain its password.
  await writeFile(propertiesFile, await propertiesText(spec), { mode: 0o600 })
  if (!existsSync(path.join(logDirOf(spec), 'meta.properties'))) await format(spec, propertiesFile)
  return new ManagedProcess({
    name: `kafka-${spec.id}`,
    command: 'java',
    args: [...jvmFlags(spec), 'kafka.Kafka', propertiesFile],
    // A JVM writes its crash report here, and a process that attaches to it creates its file here.
    cwd: spec.dataDir,
    logFile: spec.logFile,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 15_000,
    stage: serverStage,
    disposable: spec.disposable,
    readyTimeoutMs: 120_000,
    isReady: async (logFrom) => (await readLog(spec.logFile, logFrom)).includes('Kafka Server started'),
  })
}

const clusterId = 'Ym94b2ZmaWNlLWxvY2FsMQ'

async function format(spec: BrokerSpec, propertiesFile: string): Promise<void> {
  const users = spec.security === undefined ? '' : await scramArguments(spec.security)
  const args = ['format', '-t', clusterId, '-c', propertiesFile]
  // Kafka's tool reads further arguments from a file, one per line; the file needs at least one line.
  await withPrivateFile(`--ignore-formatted\n${users}`, (file) =>
    promisify(execFile)('java', [...jvmFlags(spec), 'kafka.tools.StorageTool', ...args, `@${file}`]),
  )
}

/**
 * Flags for a small heap and a quick start, because three brokers share a laptop with everything else. Only C1
 * compiles: with C2 a start costs 70 % more CPU, and a broker has 70 MB more resident. docs/figures.md has the
 * measurements.
 */
function jvmFlags(spec: BrokerSpec): string[] {
  return [
    '-Xms128m',
    '-Xmx256m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Djava.awt.headless=true',
    ...spec.jvmFlags,
    `-Djava.io.tmpdir=${temporaryDirOf(spec)}`,
    `-Dlog4j2.configurationFile=${path.join(import.meta.dirname, 'log4j2.properties')}`,
    '-cp',
    path.join(spec.jarsDir, '*'),
  ]
}

/** The folder into which codecs unpack their native code. A broker that is killed does not remove it. */
function temporaryDirOf(spec: BrokerSpec): string {
  return path.join(spec.dataDir, 'tmp')
}

function logDirOf(spec: BrokerSpec): string {
  return path.join(spec.dataDir, 'log')
}

async function propertiesText(spec: BrokerSpec): Promise<string> {
  const voters = [...spec.controllerPorts].map(([id, port]) => `${id}@127.0.0.1:${port}`)
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': String(spec.id),
    'controller.quorum.voters': voters.join(','),
    listeners: `PLAINTEXT://127.0.0.1:${spec.port},CONTROLLER://127.0.0.1:${spec.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${spec.port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': logDirOf(spec),
    'auto.create.topics.enable': 'false',
    'num.partitions': '12',
    'default.replication.factor': '3',
    'min.insync.replicas': '2',
    'offsets.topic.num.partitions': '12',
    'offsets.topic.replication.factor': '3',
    'transaction.state.log.num.partitions': '12',
    'transaction.state.log.replication.factor': '3',
    'transaction.state.log.min.isr': '2',
    'group.initial.rebalance.delay.ms': '0',
    // A killed broker keeps its leaderships and its place among the in-sync replicas until its session ends, and
    // nothing flows in that time. A broker that was only slow is back within a second of its next heartbeat.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    // With the default 128 MB the small heap is always nearly full, and full collections raise the p99 of a produce to
    // 90–150 ms.
    'log.cleaner.dedupe.buffer.size': '4194304',
    // The defaults are for a dedicated machine: each broker would have 99 threads on two cores, where 75 do the same
    // for less CPU.
    'num.network.threads': '1',
    'num.io.threads': '2',
    'background.threads': '2',
    ...(spec.security === undefined ? {} : await secureProperties(spec, spec.security)),
    ...spec.properties,
  }
  return `${Object.entries(properties)
    .map(([name, value]) => `${name}=${escaped(value)}`)
    .join('\n')}\n`
}

/** Escapes a value, because Java reads properties as Latin-1, with a backslash as the begin of an escape. */
function escaped(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
