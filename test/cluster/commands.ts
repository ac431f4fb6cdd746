import { spawn } from 'node:child_process'
import { tellGuard } from '../../scripts/platform/guard.ts'
import { repositoryDir } from '../../scripts/platform/paths.ts'

const context = process.env.KUBECTL_CONTEXT ?? ''
const kubectlContext = context ? ['--context', context] : []
const helmContext = context ? ['--kube-context', context] : []

export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly output: string
}

/** What kubectl writes. @throws Error with what it said if it fails */
export async function kubectl(...args: readonly string[]): Promise<string> {
  return (await succeed('kubectl', [...kubectlContext, ...args])).stdout
}

/** Creates or changes what the manifest says; it may hold secrets, so it is no argument and no file. */
export async function apply(manifest: object, ...args: readonly string[]): Promise<void> {
  await succeed('kubectl', [...kubectlContext, 'apply', '--filename', '-', ...args], JSON.stringify(manifest))
}

// biome-ignore lint/suspicious/noExplicitAny: resources of any kind
export async function getJson(...args: readonly string[]): Promise<any> {
  return JSON.parse(await kubectl('get', ...args, '--output', 'json'))
}

export async function helm(...args: readonly string[]): Promise<string> {
  return (await succeed('helm', [...helmContext, ...args])).output
}

/** Builds an image of this checkout and gives it to the nodes, by the command that CLUSTER_BUILD names. */
export async function buildImage(image: string): Promise<void> {
  const command = process.env.CLUSTER_BUILD
  if (!command) throw new Error('CLUSTER_BUILD is not set: see npm run test:cluster -- --help')
  await succeed('sh', ['-c', `${command} "$@"`, 'build', '.', image])
}

/** Starts a kubectl that stays; it does not outlive this process. */
export function startKubectl(...args: readonly string[]) {
  const child = spawn('kubectl', [...kubectlContext, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid !== undefined) {
    tellGuard({ watch: { pid, stage: 0, signal: 'SIGTERM', graceMs: 1_000 } })
    child.once('exit', () => tellGuard({ forget: pid }))
  }
  return child
}

async function succeed(command: string, args: readonly string[], input = ''): Promise<Ended> {
  const ended = await run(command, args, input)
  if (ended.exitCode === 0) return ended
  throw new Error(`${command} ${args.join(' ')} ended with ${ended.exitCode}:\n${ended.output.slice(-8_000)}`)
}

const timeoutMs = 900_000

async function run(command: string, args: readonly string[], input: string): Promise<Ended> {
  const child = spawn(command, args, { cwd: repositoryDir, timeout: timeoutMs, stdio: 'pipe' })
  let stdout = ''
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  // It may end without having read everything.
  child.stdin.on('error', () => {}).end(input)
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  return { exitCode, stdout, output }
}
