import { runTool, succeed, type ToolResult } from './tool.ts'

const name = process.env.KUBECTL_CONTEXT ?? ''

/** The arguments that choose the cluster under test. */
export const context = name ? ['--context', name] : []
const helmContext = name ? ['--kube-context', name] : []

/** Runs kubectl against the cluster under test. Does not throw if it fails. */
export function tryKubectl(args: readonly string[], input = ''): Promise<ToolResult> {
  return runTool('kubectl', [...context, ...args], input)
}

/** Runs kubectl and returns its output. @throws Error with its messages if it fails */
export async function kubectl(...args: readonly string[]): Promise<string> {
  return await succeed('kubectl', [...context, ...args])
}

/** The output of `kubectl get`, parsed. */
// biome-ignore lint/suspicious/noExplicitAny: resources of any kind
export async function getJson(...args: readonly string[]): Promise<any> {
  return JSON.parse(await kubectl('get', ...args, '--output', 'json'))
}

/** The output of `kubectl get`, parsed; undefined if the resource does not exist. */
// biome-ignore lint/suspicious/noExplicitAny: resources of any kind
export async function findJson(...args: readonly string[]): Promise<any> {
  const text = await kubectl('get', ...args, '--output', 'json', '--ignore-not-found')
  return text === '' ? undefined : JSON.parse(text)
}

/**
 * Applies a manifest, YAML or JSON, through standard input: it may hold secrets, so it must not be an argument or a
 * file.
 *
 * @throws Error with kubectl's messages if it is refused
 */
export async function apply(manifest: string | object, ...args: readonly string[]): Promise<void> {
  await succeed('kubectl', [...context, 'apply', '--filename', '-', ...args], asText(manifest))
}

/** Creates a resource that must be refused, and returns the text of the refusal. */
export async function refusalOf(manifest: string | object, ...args: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await tryKubectl(['create', '--filename', '-', ...args], asText(manifest))
  if (exitCode === 0) throw new Error('it was not refused')
  return stderr
}

/** Runs helm and returns its output. @throws Error with its messages if it fails */
export async function helm(...args: readonly string[]): Promise<string> {
  return await succeed('helm', [...helmContext, ...args])
}

/** Runs helm against the cluster under test. Does not throw if it fails. */
export function tryHelm(...args: readonly string[]): Promise<ToolResult> {
  return runTool('helm', [...helmContext, ...args])
}

function asText(manifest: string | object): string {
  return typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
}
