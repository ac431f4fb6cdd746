import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { temporaryFolder } from '../../../scripts/platform/temporary-folder.ts'

/** The wall clocks of our own processes, which can be set. PostgreSQL and the brokers keep the machine's clock. */
export interface Clocks {
  /** The environment variables that make a process's clock settable. */
  envOf(process: string): NodeJS.ProcessEnv
  /**
   * Shifts a process's clock by `ms` milliseconds. Takes effect within a tenth of a second, and also after a restart.
   */
  shift(process: string, ms: number): void
  heal(): void
  remove(): Promise<void>
}

export async function settableClocks(): Promise<Clocks> {
  const { dir, remove } = await temporaryFolder()
  const preload = pathToFileURL(path.join(import.meta.dirname, 'shifted-date.ts')).href
  const fileOf = (process: string): string => path.join(dir, process)
  const shifted = new Set<string>()
  return {
    envOf: (process) => ({ NODE_OPTIONS: `--import=${preload}`, FAULT_CLOCK_FILE: fileOf(process) }),
    shift(process, ms) {
      shifted.add(process)
      writeFileSync(fileOf(process), String(ms))
    },
    heal() {
      for (const process of shifted) rmSync(fileOf(process), { force: true })
      shifted.clear()
    },
    remove,
  }
}
