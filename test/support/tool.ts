import { spawn } from 'node:child_process'
import { repositoryDir } from '../../scripts/platform/paths.ts'

export interface ToolEnded {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** For an install that waits for its pods, it may take long; nothing takes longer. */
const timeoutMs = 900_000

/** Runs a tool from the PATH in the repository's root, with an input. Never throws for what it does. */
export async function runTool(tool: string, args: readonly string[], input = ''): Promise<ToolEnded> {
  const child = spawn(tool, args, { cwd: repositoryDir, timeout: timeoutMs, stdio: 'pipe' })
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

/** What a tool that must succeed writes. @throws Error with the end of all that it said */
export async function succeed(tool: string, args: readonly string[], input = ''): Promise<string> {
  const { exitCode, stdout, stderr } = await runTool(tool, args, input)
  if (exitCode === 0) return stdout
  throw new Error(`${tool} ${args.join(' ')} ended with ${exitCode}:\n${`${stderr}${stdout}`.slice(-8_000)}`)
}
