import cliProgress from 'cli-progress'

export interface ProgressBar {
  /** Begins a phase of `total` steps. */
  begin(title: string, total: number): void
  step(): void
  /** Sets the number of steps that are done. */
  reach(steps: number): void
  end(): void
}

/** Creates a bar on stderr; it shows nothing if stderr is not a terminal. */
export function createProgressBar(): ProgressBar {
  if (!process.stderr.isTTY) return { begin: () => {}, step: () => {}, reach: () => {}, end: () => {} }
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: '{title} {bar} {value}/{total}',
    barCompleteChar: '━',
    barIncompleteChar: ' ',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
  })
  return {
    begin: (title, total) => bar.start(total, 0, { title: title.padEnd(8) }),
    step: () => bar.increment(),
    reach: (steps) => bar.update(steps),
    end: () => bar.stop(),
  }
}
