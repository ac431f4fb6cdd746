import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { orderGuard } from './platform/guard.ts'
import { repositoryDir } from './platform/paths.ts'

export interface CommandOptions {
  /** The repository's root when left out. */
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Shows the output as it arrives instead of collecting it. */
  readonly stream?: boolean
  /** Gets the output of both streams as it arrives; it is then not collected. */
  readonly onOutput?: ((chunk: Buffer) => void) | undefined
  /** When aborted, ends the command and everything that it started in its process group. */
  readonly signal?: AbortSignal | undefined
}

export interface CommandResult {
  /** 0 when all went well. */
  readonly exitCode: number
  /** The output of both streams in order; empty if it was shown or passed on as it arrived. */
  readonly output: string
}

/** The time that a command has to end before it is killed. */
const endTimeoutMs = 20_000

/**
 * Runs a program and waits for its end; programs in node_modules/.bin take precedence. Never throws for a failed
 * program: one that cannot be started has exit code 127, one that a signal ended 128. The program does not outlive
 * this process.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd = repositoryDir, env = process.env, stream = false, onOutput, signal }: CommandOptions = {},
): Promise<CommandResult> {
  if (signal?.aborted) return { exitCode: 128, output: '' }
  const child = spawn(command, args, {
    cwd,
    env: {
      ...env,
      PATH: `${path.join(repositoryDir, 'node_modules/.bin')}${path.delimiter}${env.PATH ?? ''}`,
    },
    // A process group of its own, so that Ctrl-C reaches it only once, through this process.
    detached: true,
    stdio: ['ignore', stream ? 'inherit' : 'pipe', stream ? 'inherit' : 'pipe'],
  })
  const release = guard(child, signal)
  const output: Buffer[] = []
  const take = onOutput ?? ((chunk: Buffer) => output.push(chunk))
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  const exitCode = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      output.push(Buffer.from(`${command} could not be started: ${error.message}\n`))
      resolve(127)
    })
    child.once('close', (code) => resolve(code ?? 128))
  })
  release()
  return { exitCode, output: Buffer.concat(output).toString('utf8') }
}

/** Ties the child's life to this process and to the signal; returns a function that undoes it. */
function guard(child: ChildProcess, signal: AbortSignal | undefined): () => void {
  const { pid } = child
  if (pid === undefined) return () => {}
  orderGuard({ watch: { pid, stage: 0, signal: 'SIGTERM', graceMs: 2_000 } })
  let timer: NodeJS.Timeout | undefined
  const end = (): void => {
    kill(pid, 'SIGTERM')
    timer = setTimeout(() => kill(pid, 'SIGKILL'), endTimeoutMs)
  }
  signal?.addEventListener('abort', end, { once: true })
  return () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
    orderGuard({ forget: pid })
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // The whole group has already ended.
  }
}
