import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

/** A process group that the guard ends when the parent is gone. Lower stages are ended first. */
export interface Ward {
  readonly pid: number
  readonly stage: number
  readonly signal: NodeJS.Signals
  /** The time that the group has after `signal` before it gets SIGKILL. */
  readonly graceMs: number
}

export type GuardOrder =
  | { readonly watch: Ward }
  | { readonly forget: number }
  | { readonly removeAtEnd: string }
  | { readonly keep: string }
  /** Kills everything instead of ending it in good order. */
  | { readonly kill: true }

let guard: ChildProcess | undefined

/**
 * Sends an order to the guard, a small detached process that ends what must not outlive this one. The guard holds the
 * reading end of a pipe. When this process ends in any way, even by SIGKILL, the pipe closes. Then the guard ends
 * every process that it still watches, and removes the ordered folders. The first order starts the guard.
 */
export function orderGuard(order: GuardOrder): void {
  guard ??= startGuard()
  guard.stdin?.write(`${JSON.stringify(order)}\n`)
}

/**
 * The process id of the guard, which is started if necessary. While it outlives this process, it is still stopping
 * something.
 */
export function guardPid(): number | undefined {
  guard ??= startGuard()
  return guard.pid
}

function startGuard(): ChildProcess {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'guard-main.ts')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Neither child nor pipe may keep this process alive: the guard ends after this process, not the other way around.
  child.unref()
  const pipe = child.stdin as (typeof child.stdin & { unref?: () => void }) | null
  pipe?.unref?.()
  // A guard that was killed is no reason to fail: it is only the second line of defence.
  child.stdin?.on('error', () => {})
  return child
}
