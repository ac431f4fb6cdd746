import { readFile } from 'node:fs/promises'

/** What counts of a test run. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The line that a run closes with. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

export function totalOf(tallies: readonly Tally[]): Tally {
  const sum = (key: keyof Tally): number => tallies.reduce((total, tally) => total + tally[key], 0)
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
}

/** What is wrong with tests that were left out: on a developer's machine nothing, in CI a promise is not tested. */
export function judgeSkipped({ skipped }: Tally, ci: string | undefined): string | undefined {
  if (skipped === 0 || !ci || ci === 'false') return undefined
  return `CI is set, and ${skipped} tests were skipped: each is above, with a dash before its name.`
}

/** One character per event, appended as it happens, so that a run that is killed is counted as far as it came. */
export const tallyMark = { passed: '+', failed: '-', skipped: '~', ended: '.' } as const

/**
 * Adds up what the reporter wrote and how mocha ended. A run that did not come to its end counts as one failure, and so
 * does one that came to its end without a failed test and yet with an error (the global teardown, say).
 *
 * @param exitCode mocha's: the number of failed tests, or what it died of
 * @returns the tally, and a sentence on what went wrong beside the tests, if something did
 */
export function judgeRun(marks: string, exitCode: number): Tally & { readonly crash?: string } {
  const passed = count(marks, tallyMark.passed)
  const failed = count(marks, tallyMark.failed)
  const skipped = count(marks, tallyMark.skipped)
  if (!marks.includes(tallyMark.ended)) {
    const crash = `mocha ended before its tests did (exit code ${exitCode})`
    return { passed, failed: failed + 1, skipped, crash }
  }
  if (failed === 0 && exitCode !== 0) {
    const crash = `mocha failed after its tests had passed (exit code ${exitCode})`
    return { passed, failed: 1, skipped, crash }
  }
  return { passed, failed, skipped }
}

/** The marks that the reporter wrote; none when it never began. */
export async function readMarks(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function count(marks: string, mark: string): number {
  return marks.split(mark).length - 1
}
