import { type Defect, defects } from '../telemetry/defects.ts'

/** Reads the defects of a system of processes since the last call; each is a line. */
export type DefectSource = () => Promise<readonly string[]>

let found: string[] = []
let expected: RegExp[] = []
const sources = new Set<DefectSource>()

defects.subscribe((message) => {
  const { where, code, error } = message as Defect
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  found.push(`${where} ${code}: ${stack.split('\n').slice(0, stackLinesMax).join('\n')}`)
})

/**
 * Declares that the running test causes a defect on purpose, and fails it if there was none. In any other test an
 * answer with INTERNAL or 500 is a failure.
 *
 * @param pattern - matches the method, code and error of the defect
 */
export function expectDefect(pattern: RegExp): void {
  expected.push(pattern)
}

/** Includes the defects of a system of processes. Returns the function that removes it. */
export function addDefectSource(source: DefectSource): () => void {
  sources.add(source)
  return () => sources.delete(source)
}

/** Returns what is wrong with the defects since the last call; undefined if nothing is. Clears both lists. */
export async function judgeDefects(): Promise<string | undefined> {
  for (const source of sources) found.push(...(await source()))
  const [all, patterns] = [found, expected]
  found = []
  expected = []
  const surprising = all.filter((defect) => !patterns.some((pattern) => pattern.test(defect)))
  const missing = patterns.filter((pattern) => !all.some((defect) => pattern.test(defect)))
  if (surprising.length > 0) {
    const shown = surprising.slice(0, shownMax).join('\n  ')
    return `${surprising.length} answers were defects (INTERNAL or 500), and no test may cause one unless it says so (expectDefect):\n  ${shown}`
  }
  return missing.length === 0 ? undefined : `no defect was like ${missing.join(', ')}`
}

const shownMax = 5
const stackLinesMax = 6
