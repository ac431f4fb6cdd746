import { spawn } from 'node:child_process'
import { repositoryDir } from '../../../scripts/platform/paths.ts'

export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** The arguments that choose the cluster under test. */
export const context = process.env.KUBECTL_CONTEXT ? ['--context', process.env.KUBECTL_CONTEXT] : []

/** Runs kubectl against the cluster under test. Never throws for what it does. */
export function tryKubectl(args: readonly string[], input = ''): Promise<Ended> {
  return run('kubectl', [...context, ...args], input)
}

/** What kubectl writes. @throws Error with what it said if it fails */
export async function kubectl(...args: readonly string[]): Promise<string> {
  return await succeed('kubectl', [...context, ...args])
}

/** What kubectl gets, as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: resources of any kind
export async function getJson(...args: readonly string[]): Promise<any> {
  return JSON.parse(await kubectl('get', ...args, '--output', 'json'))
}

/** Undefined if it is not there. */
// biome-ignore lint/suspicious/noExplicitAny: resources of any kind
export async function findJson(...args: readonly string[]): Promise<any> {
  const text = await kubectl('get', ...args, '--output', 'json', '--ignore-not-found')
  return text === '' ? undefined : JSON.parse(text)
}

/** Applies a manifest, YAML or JSON. @throws Error with what kubectl said if it is refused */
export async function apply(manifest: string | object, ...args: readonly string[]): Promise<void> {
  await succeed('kubectl', [...context, 'apply', '--filename', '-', ...args], asText(manifest))
}

/** Applies what has to be refused, and gives the words of the refusal. */
export async function refusalOf(manifest: string | object, ...args: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await tryKubectl(['create', '--filename', '-', ...args], asText(manifest))
  if (exitCode === 0) throw new Error('it was not refused')
  return stderr
}

export async function helm(...args: readonly string[]): Promise<string> {
  return await succeed('helm', args)
}

async function succeed(command: string, args: readonly string[], input = ''): Promise<string> {
  const { exitCode, stdout, stderr } = await run(command, args, input)
  if (exitCode !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${exitCode}:\n${stderr}${stdout}`)
  return stdout
}

function asText(manifest: string | object): string {
  return typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
}

const timeoutMs = 60_000

async function run(command: string, args: readonly string[], input: string): Promise<Ended> {
  const child = spawn(command, args, {
    cwd: repositoryDir,
    timeout: timeoutMs,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  // It may end without having read everything.
  child.stdin.on('error', () => {}).end(input)
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  return { exitCode, stdout, stderr }
}
