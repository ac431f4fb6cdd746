import { readFile } from 'node:fs/promises'

/** The result of a test run. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** A line for each failure: the title of the test, and the beginning of its error. */
  readonly failures?: readonly string[]
}

/** The last line of a run. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

export function totalOf(tallies: readonly Tally[]): Tally {
  const sum = (key: Exclude<keyof Tally, 'failures'>): number =>
    tallies.reduce((total, tally) => total + tally[key], 0)
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

/**
 * Each event is a line that begins with its mark. It is appended at once, so that a killed run is counted up to its
 * end. The line of a failure goes on with its {@link failureLine}.
 */
export const tallyMark = { passed: '+', failed: '-', skipped: '~', ended: '.' } as const

/** Describes a failure in one line. */
export function failureLine(title: string, error: { readonly message?: string }): string {
  return `${title}: ${error.message ?? error}`.replaceAll(/\s+/g, ' ').slice(0, failureLengthMax)
}

const failureLengthMax = 400

/**
 * Adds up the reporter's marks and mocha's exit code. An incomplete run counts as one failure. So does a run without a
 * failed test that ends with an error, for example in the global teardown.
 *
 * @param exitCode - mocha's exit code: the number of failed tests, or the cause of its end
 * @returns the tally, and a sentence about a failure outside the tests, if any
 */
export function judgeRun(marks: string, exitCode: number): Tally & { readonly crash?: string } {
  const lines = marks.split('\n')
  const of = (mark: string): string[] => lines.filter((line) => line.startsWith(mark))
  const failures = of(tallyMark.failed).map((line) => line.slice(tallyMark.failed.length))
  const [passed, skipped] = [of(tallyMark.passed).length, of(tallyMark.skipped).length]
  const crash = crashOf(of(tallyMark.ended).length > 0, failures.length, exitCode)
  if (crash === undefined) return { passed, failed: failures.length, skipped, failures }
  return { passed, failed: failures.length + 1, skipped, failures: [...failures, crash], crash }
}

function crashOf(hasEnded: boolean, failed: number, exitCode: number): string | undefined {
  if (!hasEnded) return `mocha ended before its tests did (exit code ${exitCode})`
  if (failed === 0 && exitCode !== 0) return `mocha failed after its tests had passed (exit code ${exitCode})`
  return undefined
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
