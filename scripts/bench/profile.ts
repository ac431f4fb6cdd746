import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { closeInspector, openInspector } from './inspector.ts'
import type { MeasuredProcess } from './system-under-test.ts'

/** The answer of `Profiler.stop`: the content of a .cpuprofile file. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  /** Microseconds since the previous sample. */
  readonly timeDeltas: readonly number[]
}

export interface TakenProfile {
  readonly process: string
  readonly file: string
  readonly profile: CpuProfile
}

const samplingIntervalMicros = 500

/**
 * Begins the CPU profile of running Node processes, through the inspector that SIGUSR1 opens; so it does not include
 * their start. The returned function ends it and writes `<process>-<scenario>.cpuprofile`, which Chrome and VS Code
 * open.
 */
export async function startProfiles(
  processes: readonly MeasuredProcess[],
  scenario: string,
  dir: string,
): Promise<() => Promise<TakenProfile[]>> {
  const opened = await Promise.all(
    processes.map(async (profiled) => ({ profiled, devtools: await openInspector(profiled) })),
  )
  for (const { devtools } of opened) {
    await devtools.send('Profiler.enable')
    await devtools.send('Profiler.setSamplingInterval', { interval: samplingIntervalMicros })
    await devtools.send('Profiler.start')
  }
  return async () => {
    if (opened.length > 0) await mkdir(dir, { recursive: true })
    return await Promise.all(
      opened.map(async ({ profiled, devtools }) => {
        const { profile } = (await devtools.send('Profiler.stop')) as { profile: CpuProfile }
        const file = path.join(dir, `${profiled.name}-${scenario}.cpuprofile`)
        await writeFile(file, JSON.stringify(profile))
        await closeInspector(devtools)
        return { process: profiled.name, file, profile }
      }),
    )
  }
}
