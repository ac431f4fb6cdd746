import { spawn } from 'node:child_process'
import { repositoryDir } from '../../scripts/platform/paths.ts'

export interface ToolResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Enough for the slowest call, an install that waits for its pods. */
const timeoutMs = 900_000

/** Runs a tool from the PATH in the repository's root, with an input. Does not throw if the tool fails. */
export async function runTool(tool: string, args: readonly string[], input = ''): Promise<ToolResult> {
  const child = spawn(tool, args, { cwd: repositoryDir, timeout: timeoutMs, stdio: 'pipe' })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  // The tool may end without reading all input.
  child.stdin.on('error', () => {}).end(input)
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  return { exitCode, stdout, stderr }
}

/** Runs a tool that must succeed and returns its output. @throws Error with the end of its messages if it fails */
export async function succeed(tool: string, args: readonly string[], input = ''): Promise<string> {
  const { exitCode, stdout, stderr } = await runTool(tool, args, input)
  if (exitCode === 0) return stdout
  throw new Error(`${tool} ${args.join(' ')} ended with ${exitCode}:\n${`${stderr}${stdout}`.slice(-8_000)}`)
}
