/** A table of a document whose last column is headed `test`: each row says what holds a promise or a guard. */
export interface NamedTests {
  /** `docs/invariants.md:100`. */
  readonly place: string
  /** As it stands in the row's last cell. */
  readonly cell: string
}

/** The cells that name tests. */
export function namedTestsIn(name: string, markdown: string): NamedTests[] {
  let isTestTable = false
  return markdown.split('\n').flatMap((line, index) => {
    if (!line.startsWith('|')) {
      isTestTable = false
      return []
    }
    const cell =
      line
        .replace(/\s*\|\s*$/, '')
        .split(/(?<!\\)\|/)
        .at(-1)
        ?.trim() ?? ''
    if (cell === 'test') isTestTable = true
    else if (isTestTable && !/^[-: ]+$/.test(cell)) return [{ place: `${name}:${index + 1}`, cell }]
    return []
  })
}

/**
 * What is wrong with the tests that a cell names: files that are not there, and words that are in no title of theirs.
 *
 * A cell is a list of `` `file.test.ts`: words of a title `` with semicolons between; words without a file may be in any. Remarks stand in
 * parentheses. "the same" is the row above.
 *
 * @param tests - the text of each test file by its path
 */
export function faultsOf({ place, cell }: NamedTests, tests: ReadonlyMap<string, string>): string[] {
  return cell.split('; ').flatMap((entry) => {
    const text = entry.replaceAll(/ ?\([^)]*\)/g, '')
    const names = [...text.matchAll(/`([^`]+\.(?:test\.ts|yaml))`/g)].map(([, file = '']) => file)
    const missing = names.filter((file) => pathsOf(file, tests).length === 0)
    if (missing.length > 0) return missing.map((file) => `${place}: there is no ${file}`)
    const words = text
      .replaceAll(/`[^`]+\.(?:test\.ts|yaml)`,?( of each service)?/g, '')
      .replace(/^[\s:]+/, '')
    if (words === '' || words === 'the same') return []
    const paths = names.length > 0 ? names.flatMap((file) => pathsOf(file, tests)) : [...tests.keys()]
    const isThere = [...paths, ...sharedSuites(tests)].some((path) => hasWords(tests.get(path) ?? '', words))
    return isThere
      ? []
      : [`${place}: no title ${names.length > 0 ? `of ${names.join(', ')}` : ''} has "${words}"`]
  })
}

/** Suites that several test files run: their titles are in none of these. */
function sharedSuites(tests: ReadonlyMap<string, string>): string[] {
  return [...tests.keys()].filter((path) => path.includes('/src/testing/'))
}

/** The files that a name means: a path, or its end. */
function pathsOf(file: string, tests: ReadonlyMap<string, string>): string[] {
  return [...tests.keys()].filter((path) => path === file || path.endsWith(`/${file}`))
}

/** A title may be that of a `describe` and an `it`, with a colon between. */
function hasWords(source: string, words: string): boolean {
  const plain = source.replaceAll('\\', '').toLowerCase()
  return [words, ...(words.includes(': ') ? [words.split(': ')] : [])].some((way) =>
    [way].flat().every((part) => plain.includes(part.toLowerCase())),
  )
}
