import { appendFileSync } from 'node:fs'
import mocha from 'mocha'
import { failureLine, tallyMark } from './tally.ts'

/** The time that mocha may live after its last test, in milliseconds; the end of the platform takes a part of it. */
const lingerMs = 60_000

/** Mocha's spec reporter, which also appends a line for each event to the file that the option `tally` names. */
export default class TallyReporter extends mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    const { tally } = options.reporterOptions as { tally: string }
    const mark = (event: keyof typeof tallyMark, detail = ''): void =>
      appendFileSync(tally, `${tallyMark[event]}${detail}\n`)
    runner.on('pass', () => mark('passed'))
    runner.on('fail', (test, error) => mark('failed', failureLine(test.fullTitle(), error)))
    runner.on('pending', () => mark('skipped'))
    runner.on('end', () => {
      mark('ended')
      // A test that leaves a connection or a timer open would keep mocha, and the process that waits for it, alive for
      // ever.
      setTimeout(giveUp, lingerMs).unref()
    })
  }
}

function giveUp(): void {
  const open = process.getActiveResourcesInfo().join(', ')
  console.error(
    `The tests ended ${lingerMs / 1000} s ago, but something that they opened was not closed: ${open}`,
  )
  process.exit(1)
}
