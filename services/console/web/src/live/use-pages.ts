import { useEffect, useState } from 'preact/hooks'
import { joinPages, type Page, readPages } from './join-pages.ts'

interface Later<Row> {
  /** Where the first page ended when these were read. */
  readonly after: string
  readonly pages: readonly Page<Row>[]
}

/**
 * A list whose first page is read again and again. The pages behind it are kept apart from it, and are read again when it
 * ends elsewhere: then rows have moved from one to another.
 *
 * @param first - what was answered last; the same object until it is read again
 * @param read - asks for the page that a token names
 */
export function usePages<Answer, Row>(
  first: Answer | undefined,
  pageOf: (answer: Answer) => Page<Row>,
  idOf: (row: Row) => string,
  read: (token: string) => Promise<Answer>,
): Page<Row> & {
  /** Shows one page more. */
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
      // What was read before is still better than nothing, and it is tried again with the next first page.
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
      // If the first page ends elsewhere by now, these are read again.
      setLater({ after: later.pages.length === 0 ? next : later.after, pages: [...later.pages, page] })
    },
  }
}
