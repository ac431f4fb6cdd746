/** The documents of this repository, and all files to which a link may lead. */
export interface LinkTargets {
  /** The text of each Markdown file by its path. */
  readonly documents: ReadonlyMap<string, string>
  /** Every file by its path from the repository's root, with slashes. */
  readonly files: ReadonlySet<string>
}

/**
 * Returns the broken links: to a missing file or folder, or to a heading that the document does not have. Web
 * addresses are not checked.
 */
export function faultsOf({ documents, files }: LinkTargets): string[] {
  const folders = foldersOf(files)
  const faultOf = (from: string, target: string): string | undefined => {
    if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? from : resolvePath(from, path)
    if (!files.has(file) && !folders.has(file)) return `there is no ${file}`
    const document = documents.get(file)
    if (anchor === undefined || document === undefined || anchorsIn(document).has(anchor)) return undefined
    return `${file} has no heading #${anchor}`
  }
  return [...documents].flatMap(([from, markdown]) =>
    linksIn(markdown).flatMap(({ line, target }) => {
      const fault = faultOf(from, target)
      return fault === undefined ? [] : [`${from}:${line}: ${fault}`]
    }),
  )
}

/** Returns the documents below docs/ to which no document links: a reader does not find them. */
export function orphansOf({ documents }: LinkTargets): string[] {
  const linked = new Set(
    [...documents].flatMap(([from, markdown]) =>
      linksIn(markdown).map(({ target }) => resolvePath(from, target.split('#')[0] ?? '')),
    ),
  )
  return [...documents.keys()]
    .filter((path) => path.startsWith('docs/') && !linked.has(path))
    .map((path) => `${path}: no document links to it`)
}

/** The target of each inline link and image, as written. Code contains no links. */
export function linksIn(markdown: string): { readonly line: number; readonly target: string }[] {
  return proseLines(markdown).flatMap((text, index) =>
    [...text.replaceAll(/`[^`]*`/g, 'code').matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(
      ([, target = '']) => ({ line: index + 1, target }),
    ),
  )
}

/**
 * The anchors of the headings on GitHub: lower case, hyphens for spaces, no punctuation, a number for a repeated name.
 */
export function anchorsIn(markdown: string): Set<string> {
  const anchors = new Set<string>()
  for (const line of proseLines(markdown)) {
    const heading = /^#{1,6} +(.*?) *#*$/.exec(line)?.[1]
    if (heading === undefined) continue
    const name = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-')
    let anchor = name
    for (let again = 1; anchors.has(anchor); again++) anchor = `${name}-${again}`
    anchors.add(anchor)
  }
  return anchors
}

/** The lines, with those of code blocks emptied so that line numbers stay. */
function proseLines(markdown: string): string[] {
  let fence: string | undefined
  return markdown.split('\n').map((line) => {
    const mark = /^ *(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence !== undefined) {
      if (mark?.startsWith(fence)) fence = undefined
      return ''
    }
    fence = mark
    return mark === undefined ? line : ''
  })
}

function foldersOf(files: ReadonlySet<string>): Set<string> {
  const folders = new Set([''])
  for (const file of files)
    for (let end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1))
      folders.add(file.slice(0, end))
  return folders
}

/**
 * Resolves a link to a path from the repository's root. A path that leaves the repository begins with `..`, and is in
 * no list.
 */
function resolvePath(from: string, target: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of decodeURIComponent(target).split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}
