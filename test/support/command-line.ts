import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { repositoryDir } from '../../scripts/platform/paths.ts'
import { writeRunFile } from '../../scripts/platform/run-file.ts'
import type { TestSystem } from './shared-system.ts'

export interface CommandResult {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `npx boxoffice …` in a process of its own, without a terminal. */
export interface CommandLine {
  run(...args: readonly string[]): Promise<CommandResult>
  /** Starts a command and returns its process; `ended` resolves when it has ended. */
  start(
    args: readonly string[],
    env?: NodeJS.ProcessEnv,
  ): { child: ChildProcess; ended: Promise<CommandResult> }
}

/** The command line for a system. It finds the system as it finds that of `npm start`. */
export async function commandLineOf(system: TestSystem): Promise<CommandLine> {
  const { addresses, auth, dir } = system
  await writeRunFile(
    { startedAt: new Date().toISOString(), pid: process.pid, ...addresses, auth, processes: {} },
    dir,
  )
  return commandLineIn(dir)
}

/** The command line in a folder without a running system. */
export function commandLineWithoutSystem(): CommandLine {
  return commandLineIn(path.join(tmpdir(), `no-system-${randomUUID()}`))
}

function commandLineIn(dir: string): CommandLine {
  const start: CommandLine['start'] = (args, env = {}) => {
    const child = spawn(process.execPath, [path.join(repositoryDir, 'scripts', 'boxoffice.ts'), ...args], {
      env: { ...process.env, BOXOFFICE_DIR: dir, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return { child, ended: endOf(child) }
  }
  return { start, run: (...args) => start(args).ended }
}

async function endOf(child: ChildProcess): Promise<CommandResult> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { exitCode, stdout, stderr }
}
