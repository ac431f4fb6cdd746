import { readFile } from 'node:fs/promises'

/** What counts of a test run. */
export interface Tally {
  readonly passed: number
  readonly failed: number
}

/** One character per event, appended as it happens, so that a run that is killed is counted as far as it came. */
export const tallyMark = { passed: '+', failed: '-', ended: '.' } as const

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
  if (!marks.includes(tallyMark.ended)) {
    return { passed, failed: failed + 1, crash: `mocha ended before its tests did (exit code ${exitCode})` }
  }
  if (failed === 0 && exitCode !== 0) {
    return { passed, failed: 1, crash: `mocha failed after its tests had passed (exit code ${exitCode})` }
  }
  return { passed, failed }
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
