import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

/** What to do with one process group when the parent is gone. Lower stages are ended first. */
export interface Ward {
  readonly pid: number
  readonly stage: number
  readonly signal: NodeJS.Signals
  /** How long the group may take after `signal` before it gets SIGKILL. */
  readonly graceMs: number
}

export type GuardOrder =
  | { readonly watch: Ward }
  | { readonly forget: number }
  | { readonly removeAtEnd: string }
  | { readonly keep: string }
  /** No orderly end for anything. */
  | { readonly kill: true }

let guard: ChildProcess | undefined

/**
 * Tells the guard, a small detached process, what must not outlive this one. The guard holds the reading end of a
 * pipe; when this process ends in whatever way, SIGKILL included, the pipe closes and the guard ends every process
 * it still watches and removes the folders it was told to remove. It is started with the first order.
 */
export function orderGuard(order: GuardOrder): void {
  guard ??= startGuard()
  guard.stdin?.write(`${JSON.stringify(order)}\n`)
}

/** The guard's process id, started if need be: when it outlives this process, something is still being stopped. */
export function guardPid(): number | undefined {
  guard ??= startGuard()
  return guard.pid
}

function startGuard(): ChildProcess {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'guard-main.ts')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Neither may keep this process alive: the guard ends when this process does, not the other way around.
  child.unref()
  const pipe = child.stdin as (typeof child.stdin & { unref?: () => void }) | null
  pipe?.unref?.()
  // A guard that somebody killed is no reason to fail: it is only the second line of defence.
  child.stdin?.on('error', () => {})
  return child
}
