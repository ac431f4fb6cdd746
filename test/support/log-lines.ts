import { logLength, readLog } from '../../scripts/platform/log-file.ts'
import type { TestSystem } from './shared-system.ts'

/** How long the log of each process is by now, by the process's name. */
export async function logMarks(system: TestSystem): Promise<ReadonlyMap<string, number>> {
  const marks = [...system.processes].map(
    async ([name, { spec }]) => [name, await logLength(spec.logFile)] as const,
  )
  return new Map(await Promise.all(marks))
}

/** What each process has written since, by its name, line by line. */
export async function linesSince(
  system: TestSystem,
  marks: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const lines = [...system.processes].map(async ([name, { spec }]) => {
    const text = await readLog(spec.logFile, marks.get(name) ?? 0)
    return [name, text.split('\n').filter((line) => line !== '')] as const
  })
  return new Map(await Promise.all(lines))
}
