import { readFile } from 'node:fs/promises'

/** The result of a test run. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The last line of a run. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

export function totalOf(tallies: readonly Tally[]): Tally {
  const sum = (key: keyof Tally): number => tallies.reduce((total, tally) => total + tally[key], 0)
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
}

/**
 * Returns a complaint about skipped tests in CI, where a promise would not be tested; undefined on a developer's
 * machine.
 */
export function judgeSkipped({ skipped }: Tally, ci: string | undefined): string | undefined {
  if (skipped === 0 || !ci || ci === 'false') return undefined
  return `CI is set, and ${skipped} tests were skipped: each is above, with a dash before its name.`
}

/** One character per event, appended at once, so that a killed run is counted up to its end. */
export const tallyMark = { passed: '+', failed: '-', skipped: '~', ended: '.' } as const

/**
 * Adds up the reporter's marks and mocha's exit code. An incomplete run counts as one failure. So does a run without a
 * failed test that ends with an error, for example in the global teardown.
 *
 * @param exitCode - mocha's exit code: the number of failed tests, or the cause of its end
 * @returns the tally, and a sentence about a failure outside the tests, if any
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

/** The marks of the reporter; empty if it never began. */
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
