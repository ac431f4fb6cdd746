import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ProcessWatch {
  /** Every command line, and every environment that can be read, of each process of this machine since the watch began. */
  readonly seen: ReadonlySet<string>
  stop(): Promise<void>
}

/** A JVM takes longer to start than this. */
const lookMs = 150

/** Looks again and again at what processes are started with, as any user of this machine can. Only where there is a /proc. */
export function watchProcesses(): ProcessWatch {
  const seen = new Set<string>()
  const stopping = new AbortController()
  const { signal } = stopping
  const looking = (async () => {
    while (!signal.aborted) {
      await look(seen)
      await sleep(lookMs, undefined, { signal }).catch(() => undefined)
    }
  })()
  return {
    seen,
    async stop() {
      stopping.abort()
      await looking
    },
  }
}

async function look(seen: Set<string>): Promise<void> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of processes) {
    for (const what of ['cmdline', 'environ']) {
      // It has ended meanwhile, or its environment is somebody else's.
      const text = await readFile(`/proc/${pid}/${what}`, 'utf8').catch(() => '')
      if (text !== '') seen.add(text)
    }
  }
}
