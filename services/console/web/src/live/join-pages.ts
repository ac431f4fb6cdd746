/** One page of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Names the page behind it; empty at the list's end. */
  readonly next: string
}

/** Up to so many pages, one behind the other, from the one that the token names; fewer if the list ends. */
export async function readPages<Row>(
  read: (token: string) => Promise<Page<Row>>,
  token: string,
  count: number,
): Promise<Page<Row>[]> {
  const pages: Page<Row>[] = []
  for (let next = token; next !== '' && pages.length < count; ) {
    const page = await read(next)
    pages.push(page)
    next = page.next
  }
  return pages
}

/** The rows of pages that were read at different times: what has moved from one to another stands there once. */
export function joinPages<Row>(pages: readonly Page<Row>[], idOf: (row: Row) => string): Page<Row> {
  const rows = new Map<string, Row>()
  for (const row of pages.flatMap((page) => page.rows)) if (!rows.has(idOf(row))) rows.set(idOf(row), row)
  return { rows: [...rows.values()], next: pages.at(-1)?.next ?? '' }
}
