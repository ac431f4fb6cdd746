/** One page of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  /** The token of the next page; empty at the end of the list. */
  readonly next: string
}

/** Reads up to `count` pages in order, starting with the one that the token names; fewer if the list ends. */
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

/** Joins pages that were read at different times. A row that has moved from one page to another appears once. */
export function joinPages<Row>(pages: readonly Page<Row>[], idOf: (row: Row) => string): Page<Row> {
  const rows = new Map<string, Row>()
  for (const row of pages.flatMap((page) => page.rows)) if (!rows.has(idOf(row))) rows.set(idOf(row), row)
  return { rows: [...rows.values()], next: pages.at(-1)?.next ?? '' }
}
