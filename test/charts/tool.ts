import { access, constants } from 'node:fs/promises'
import path from 'node:path'
import { runTool, succeed } from '../support/tool.ts'

/** The folder with the strict JSON schemas of Kubernetes and of the CRDs for kubeconform, one file for each kind. */
export const schemasDir = process.env.KUBERNETES_SCHEMAS ?? ''

export interface ToolResult {
  readonly exitCode: number
  readonly stdout: string
  /** Both streams together. */
  readonly output: string
}

/** Runs a tool from the PATH in the repository's root. Does not throw if the tool fails. */
export async function run(tool: string, ...args: readonly string[]): Promise<ToolResult> {
  const { exitCode, stdout, stderr } = await runTool(tool, args)
  return { exitCode, stdout, output: `${stdout}${stderr}` }
}

/** Runs a tool that must succeed, and returns its standard output. @throws Error with its messages if it fails */
export async function outputOf(tool: string, ...args: readonly string[]): Promise<string> {
  return await succeed(tool, args)
}

/**
 * Declares in a `describe` the tools that its tests need. If one is missing, the tests fail with a sentence; with
 * CHARTS_SKIP_MISSING=true they are skipped, and the run says so.
 */
export function needs(...tools: readonly (Tool | 'schemas')[]): void {
  before(async function () {
    const missing: string[] = []
    for (const tool of tools) if (!(await isInstalled(tool))) missing.push(howToGet[tool])
    if (missing.length === 0) return
    const sentence = `these tests need ${missing.join(', and ')}`
    if (process.env.CHARTS_SKIP_MISSING !== 'true') throw new Error(sentence)
    console.error(`    SKIPPED: ${sentence}`)
    this.skip()
  })
}

type Tool = 'helm' | 'kubeconform' | 'kube-score' | 'kubectl' | 'promtool' | 'skaffold'

const howToGet: Readonly<Record<Tool | 'schemas', string>> = {
  helm: 'helm 3 on the PATH',
  kubeconform: 'kubeconform on the PATH',
  'kube-score': 'kube-score on the PATH',
  kubectl: 'kubectl on the PATH',
  promtool: 'promtool (Debian: in the package prometheus) on the PATH',
  skaffold: 'skaffold on the PATH',
  schemas: 'KUBERNETES_SCHEMAS, a folder of JSON schemas for kubeconform',
}

async function isInstalled(tool: Tool | 'schemas'): Promise<boolean> {
  if (tool === 'schemas') return await canRead(schemasDir)
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const found = await Promise.all(folders.map((folder) => canRead(path.join(folder, tool), constants.X_OK)))
  return found.includes(true)
}

async function canRead(file: string, mode = constants.R_OK): Promise<boolean> {
  return await access(file, mode).then(
    () => file !== '',
    () => false,
  )
}
