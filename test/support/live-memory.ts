import { openInspector } from '../../scripts/bench/inspector.ts'
import { underTest } from '../../scripts/bench/system-under-test.ts'
import type { TestSystem } from './shared-system.ts'

/** Measures the memory that our Node processes keep. */
export interface MemoryScale {
  /** The bytes in use in each process by its name: on the heap and outside it. */
  weigh(): Promise<ReadonlyMap<string, number>>
  close(): void
}

interface Evaluated {
  readonly result: { readonly value: number }
}

/**
 * Opens the inspector of each process. Each measurement starts with a full collection: when V8 collects by itself, and
 * how much garbage it finds then, depends on how busy the machine is. On a busy machine, the least that a console held
 * in 40 seconds grew by 9 MB in a minute, of which 0.7 MB were alive.
 */
export async function openMemoryScale(system: TestSystem): Promise<MemoryScale> {
  const processes = underTest(system).processes.filter(({ isNode }) => isNode)
  const opened = await Promise.all(
    processes.map(async (process) => ({ name: process.name, devtools: await openInspector(process) })),
  )
  return {
    async weigh() {
      const readings = opened.map(async ({ name, devtools }) => {
        // Finalizers of the first collection release more.
        for (let round = 0; round < 2; round++) await devtools.send('HeapProfiler.collectGarbage')
        const { result } = (await devtools.send('Runtime.evaluate', {
          expression: '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())',
        })) as Evaluated
        return [name, result.value] as const
      })
      return new Map(await Promise.all(readings))
    },
    // The inspectors stay open until the system stops: closing one of a running relay has ended the relay.
    close() {
      for (const { devtools } of opened) devtools.close()
    },
  }
}
