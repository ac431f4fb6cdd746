import { expect } from 'chai'
import { joinPages, type Page, readPages } from './join-pages.ts'

describe('a list in pages', () => {
  it('is read page by page, up to the number of pages that the caller asks for', async () => {
    expect(shown(await readPages(read, 'b', 2))).to.deep.equal(['3 4', '5 6'])
    expect(shown(await readPages(read, 'c', 5))).to.deep.equal(['5 6', '7'])
    expect(await readPages(read, '', 5)).to.deep.equal([])
  })

  it('is one list, which continues after its last page', () => {
    const joined = joinPages([page([1, 2], 'b'), page([3, 4], 'c')], String)
    expect(joined).to.deep.equal({ rows: [1, 2, 3, 4], next: 'c' })
    expect(joinPages([], String)).to.deep.equal({ rows: [], next: '' })
  })

  it('has each row once, while rows have moved from one page to another', () => {
    const joined = joinPages([page([0, 1, 2, 3], 'b'), page([3, 4], 'c')], String)
    expect(joined.rows).to.deep.equal([0, 1, 2, 3, 4])
  })
})

const pages: Readonly<Record<string, Page<number>>> = {
  b: page([3, 4], 'c'),
  c: page([5, 6], 'd'),
  d: page([7], ''),
}

async function read(token: string): Promise<Page<number>> {
  return pages[token] ?? expect.fail(`there is no page ${token}`)
}

function page(rows: number[], next: string): Page<number> {
  return { rows, next }
}

const shown = (read: readonly Page<number>[]): string[] => read.map(({ rows }) => rows.join(' '))
