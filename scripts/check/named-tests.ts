/**
 * A cell of a document's table whose last column has the heading `test`: it names the tests of a promise or a guard.
 */
export interface NamedTests {
  /** `docs/invariants.md:100`. */
  readonly place: string
  /** The text of the row's last cell. */
  readonly cell: string
}

/** Finds the cells that name tests. */
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
 * Returns the faults of a cell: files that do not exist, and words that are in no title of the file.
 *
 * A cell is a list of `` `file.test.ts`: words of a title ``, separated by semicolons. Words without a file may be in
 * any file. Remarks are in parentheses. "the same" means the row above.
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

/** Suites that several test files run: their titles are not in the test files. */
function sharedSuites(tests: ReadonlyMap<string, string>): string[] {
  return [...tests.keys()].filter((path) => path.includes('/src/testing/'))
}

/** The files that a name means: it is a path or the end of one. */
function pathsOf(file: string, tests: ReadonlyMap<string, string>): string[] {
  return [...tests.keys()].filter((path) => path === file || path.endsWith(`/${file}`))
}

/** Whether a file has the words. With a colon, the words may be the titles of a `describe` and an `it`. */
function hasWords(source: string, words: string): boolean {
  const plain = source.replaceAll('\\', '').toLowerCase()
  return [words, ...(words.includes(': ') ? [words.split(': ')] : [])].some((way) =>
    [way].flat().every((part) => plain.includes(part.toLowerCase())),
  )
}
