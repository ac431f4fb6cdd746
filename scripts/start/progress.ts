const nameWidth = 20
const heartbeatMs = 10_000

/** The progress of a start, in whole lines, so that it looks the same in a terminal, a pipe and a build log. */
export interface Progress {
  say(text: string): void
  /** Begins a step; the returned function ends it. While it lasts, a line is written every ten seconds. */
  step(name: string): (detail: string) => void
  /** Ends the lines about steps that have not ended. */
  stop(): void
}

export function createProgress(write: (line: string) => void): Progress {
  const heartbeats = new Set<NodeJS.Timeout>()
  return {
    say: (text) => write(text),
    step(name) {
      const startedAt = performance.now()
      const seconds = (): string => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
      write(`  … ${name}`)
      const heartbeat = setInterval(() => write(`  … ${name}, still running after ${seconds()}`), heartbeatMs)
      heartbeats.add(heartbeat)
      return (detail) => {
        clearInterval(heartbeat)
        heartbeats.delete(heartbeat)
        write(`  ✓ ${name.padEnd(nameWidth)} ${detail.padEnd(28)} ${seconds()}`)
      }
    },
    stop() {
      for (const heartbeat of heartbeats) clearInterval(heartbeat)
      heartbeats.clear()
    },
  }
}
