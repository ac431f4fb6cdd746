import { useEffect, useState } from 'preact/hooks'
import { joinPages, type Page, readPages } from './join-pages.ts'

interface Later<Row> {
  /** The token after the first page when these pages were read. */
  readonly after: string
  readonly pages: readonly Page<Row>[]
}

/**
 * A list whose first page is read again and again. Later pages are stored separately, and are read again when the
 * first page ends elsewhere, because rows have then moved between pages.
 *
 * @param first - the last answer; the same object until it is read again
 * @param read - reads the page that a token names
 */
export function usePages<Answer, Row>(
  first: Answer | undefined,
  pageOf: (answer: Answer) => Page<Row>,
  idOf: (row: Row) => string,
  read: (token: string) => Promise<Answer>,
): Page<Row> & {
  /** Reads and shows one more page. */
  more(): Promise<void>
} {
  const [later, setLater] = useState<Later<Row>>({ after: '', pages: [] })
  const beginning = first === undefined ? [] : [pageOf(first)]
  const after = beginning[0]?.next
  const readPage = async (token: string): Promise<Page<Row>> => pageOf(await read(token))
  useEffect(() => {
    if (after === undefined || later.pages.length === 0 || later.after === after) return
    let isOld = false
    readPages(readPage, after, later.pages.length).then(
      (pages) => {
        if (!isOld) setLater({ after, pages })
      },
      // The pages that were read before are better than nothing, and the next first page brings another try.
      () => undefined,
    )
    return () => {
      isOld = true
    }
  }, [first, later])
  const { rows, next } = joinPages([...beginning, ...later.pages], idOf)
  return {
    rows,
    next,
    async more() {
      const page = await readPage(next)
      // If the first page ends elsewhere by now, these pages are read again.
      setLater({ after: later.pages.length === 0 ? next : later.after, pages: [...later.pages, page] })
    },
  }
}
