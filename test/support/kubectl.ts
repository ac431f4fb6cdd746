import { runTool, succeed, type ToolEnded } from './tool.ts'

const name = process.env.KUBECTL_CONTEXT ?? ''

/** The arguments that choose the cluster under test. */
export const context = name ? ['--context', name] : []
const helmContext = name ? ['--kube-context', name] : []

/** Runs kubectl against the cluster under test. Never throws for what it does. */
export function tryKubectl(args: readonly string[], input = ''): Promise<ToolEnded> {
  return runTool('kubectl', [...context, ...args], input)
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

/**
 * Applies a manifest, YAML or JSON. It may hold secrets, so it is no argument and no file.
 *
 * @throws Error with what kubectl said if it is refused
 */
export async function apply(manifest: string | object, ...args: readonly string[]): Promise<void> {
  await succeed('kubectl', [...context, 'apply', '--filename', '-', ...args], asText(manifest))
}

/** Applies what has to be refused, and gives the words of the refusal. */
export async function refusalOf(manifest: string | object, ...args: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await tryKubectl(['create', '--filename', '-', ...args], asText(manifest))
  if (exitCode === 0) throw new Error('it was not refused')
  return stderr
}

/** What helm writes. @throws Error with what it said if it fails */
export async function helm(...args: readonly string[]): Promise<string> {
  return await succeed('helm', [...helmContext, ...args])
}

/** Runs helm against the cluster under test. Never throws for what it does. */
export function tryHelm(...args: readonly string[]): Promise<ToolEnded> {
  return runTool('helm', [...helmContext, ...args])
}

function asText(manifest: string | object): string {
  return typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
}
