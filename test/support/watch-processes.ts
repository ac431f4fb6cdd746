import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ProcessWatch {
  /** The command line and the environment, if readable, of each process of this machine since the watch began. */
  readonly seen: ReadonlySet<string>
  stop(): Promise<void>
}

/** Shorter than a JVM takes to start. */
const lookMs = 150

/**
 * Records repeatedly what processes are started with, as any user of this machine can see it. Works only with /proc.
 */
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
      // The process has ended, or its environment belongs to another user.
      const text = await readFile(`/proc/${pid}/${what}`, 'utf8').catch(() => '')
      if (text !== '') seen.add(text)
    }
  }
}
