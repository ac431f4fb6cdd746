import { type Defect, defects } from '../telemetry/defects.ts'

/** Reads the defects that a system of processes has had since it was last asked; each a line. */
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
 * Says that the running test causes a defect on purpose, and fails it if there was none: an answer with INTERNAL or 500 fails any
 * other test.
 *
 * @param pattern - what the method, code and error of the defect match
 */
export function expectDefect(pattern: RegExp): void {
  expected.push(pattern)
}

/** Asks a system of processes, too, for its defects. Returns what ends that. */
export function addDefectSource(source: DefectSource): () => void {
  sources.add(source)
  return () => sources.delete(source)
}

/** What is wrong with the defects since it was last asked, or undefined. Forgets them, and what was expected. */
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
