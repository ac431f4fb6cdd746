import { logLength, readLog } from '../../scripts/platform/log-file.ts'
import type { TestSystem } from './shared-system.ts'

/** The current length of each process's log, by the process's name. */
export async function logMarks(system: TestSystem): Promise<ReadonlyMap<string, number>> {
  const marks = [...system.processes].map(
    async ([name, { spec }]) => [name, await logLength(spec.logFile)] as const,
  )
  return new Map(await Promise.all(marks))
}

/** The lines that each process has logged since `marks`, by its name. */
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
