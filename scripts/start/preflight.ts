import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { promisify } from 'node:util'
import { type Finding, problem, problemsOf } from '@boxoffice/common/doctor/finding.ts'
import { examineFolder } from '../doctor/examine-folder.ts'
import type { LocalPostgres } from '../doctor/examine-owner.ts'
import { isKafkaFetched } from '../platform/kafka/fetch.ts'
import { nearestFolder } from '../platform/make-folder.ts'
import { namedPorts, type PortLayout } from '../platform/port-layout.ts'
import { isPortFree } from '../platform/ports.ts'
import { examineOwnKafka, examineOwnPostgres } from './own-servers.ts'
import { refuseProblems } from './refusal.ts'

export interface PreflightOptions {
  readonly dir: string
  readonly ports: PortLayout
  /** The user's own servers, if they are to be used. */
  readonly kafkaBrokers: readonly string[] | undefined
  readonly replicationFactor?: number | undefined
  readonly databaseUrl: string | undefined
  /** Whether the start is secure, with a PostgreSQL of its own; false if left out. */
  readonly secure?: boolean
}

/** The PostgreSQL that a start with these options runs in its folder. */
export function localPostgresOf({
  databaseUrl,
  secure = false,
}: Pick<PreflightOptions, 'databaseUrl' | 'secure'>): LocalPostgres {
  if (databaseUrl !== undefined) return 'none'
  return secure ? 'secure' : 'plain'
}

/**
 * Checks what a start needs before it begins.
 *
 * @returns the warnings, which do not prevent a start
 * @throws Refusal that reports for each problem what was found, what is needed and what to do
 */
export async function preflight(options: PreflightOptions): Promise<readonly Finding[]> {
  const findings = await lookAround(options)
  refuseProblems(findings)
  return findings.filter(({ severity }) => severity === 'warning')
}

/** Examines this machine and the user's own servers, as a start would find them. */
export async function lookAround(options: PreflightOptions): Promise<readonly Finding[]> {
  const { dir, kafkaBrokers, replicationFactor, databaseUrl } = options
  const folder = await examineFolder(dir, localPostgresOf(options))
  const found = await Promise.all([
    kafkaBrokers === undefined
      ? toFindings(brokerProblems())
      : examineOwnKafka({ brokers: kafkaBrokers }, replicationFactor, 'made'),
    databaseUrl === undefined ? [] : examineOwnPostgres(databaseUrl),
    problemsOf(folder).length > 0 ? [] : toFindings([diskProblem(dir, await freeBytes(dir))]),
    toFindings(portsInUse(options)),
  ])
  return [...folder, ...found.flat()]
}

/** Turns sentences into problems. Each sentence includes what was found, what is needed and what to do. */
async function toFindings(
  sentences: readonly (string | undefined | Promise<string | undefined>)[],
): Promise<Finding[]> {
  const found = await Promise.all(sentences)
  return found.filter((sentence) => sentence !== undefined).map((sentence) => problem(sentence, '', ''))
}

function brokerProblems(): Promise<string | undefined>[] {
  return [
    outputOf('java', ['-version']).then(javaProblem),
    ...(isKafkaFetched() ? [] : [outputOf('mvn', ['-v']).then(mavenProblem)]),
  ]
}

const javaAdvice =
  'Install a Java 17 or later (Debian: `apt install openjdk-17-jre-headless`; macOS: `brew install openjdk@17`), or set KAFKA_BROKERS to brokers of your own.'

/** @param output - the output of `java -version`; undefined if there is no such command */
export function javaProblem(output: string | undefined): string | undefined {
  if (output === undefined) return `Java is missing, which the Kafka brokers run on. ${javaAdvice}`
  const version = /version "([^"]+)"/.exec(output)?.[1]
  if (version === undefined) return `\`java -version\` does not work ("${firstLine(output)}"). ${javaAdvice}`
  // Java 8 and before called themselves 1.8.
  const major = Number(/^(?:1\.)?(\d+)/.exec(version)?.[1])
  return major >= 17 ? undefined : `Java ${version} is too old for the Kafka brokers. ${javaAdvice}`
}

/** @param output - the output of `mvn -v`; undefined if there is no such command */
export function mavenProblem(output: string | undefined): string | undefined {
  if (output?.includes('Apache Maven')) return undefined
  const what = output === undefined ? 'is missing' : `does not work ("${firstLine(output)}")`
  return `Maven ${what}, which fetches Kafka once. Install it (Debian: \`apt install maven\`; macOS: \`brew install maven\`), or set KAFKA_BROKERS to brokers of your own.`
}

const bytesNeeded = 2 * 1024 ** 3

export function diskProblem(dir: string, free: number): string | undefined {
  if (free >= bytesNeeded) return undefined
  const gigabytes = (bytes: number): string => (bytes / 1024 ** 3).toFixed(1)
  return `Only ${gigabytes(free)} GB of disk are free for ${dir}: make room for ${gigabytes(bytesNeeded)} GB.`
}

function portProblem(port: number, owner: string): string {
  return `Port ${port}, meant for ${owner}, is in use: stop the program that has it (\`lsof -i :${port}\` names it), or choose other ports, as in \`npm start -- --port-base 8000\`.`
}

function portsInUse(options: PreflightOptions): Promise<string | undefined>[] {
  return namedPorts(options.ports)
    .filter(({ owner }) => !(options.kafkaBrokers && owner.startsWith('Kafka')))
    .filter(({ owner }) => !(options.databaseUrl && owner === 'PostgreSQL'))
    .map(async ({ port, owner }) => ((await isPortFree(port)) ? undefined : portProblem(port, owner)))
}

async function freeBytes(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(await nearestFolder(dir))
  return bavail * bsize
}

/** The output of a command on both streams, even if it fails; undefined if there is no such command. */
async function outputOf(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, { timeout: 20_000 })
    return stdout + stderr
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string }
    return code === 'ENOENT' ? undefined : `${stdout ?? ''}${stderr ?? ''}`
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
