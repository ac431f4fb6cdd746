import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { temporaryFolder } from '../../../scripts/platform/temporary-folder.ts'

/** The wall clocks of our own processes, which can be set. PostgreSQL and the brokers keep the machine's. */
export interface Clocks {
  /** What a process needs in its environment for its clock to be settable. */
  envOf(process: string): NodeJS.ProcessEnv
  /** Lets a process's clock be wrong by so many milliseconds, within a tenth of a second, also after a restart. */
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
