import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { repositoryDir } from '../platform/paths.ts'

describe('the glossary', () => {
  it('has each term once, in alphabetical order, with its meaning and the place that owns it', async () => {
    const text = await readFile(path.join(repositoryDir, 'docs/glossary.md'), 'utf8')
    const rows = text
      .slice(text.indexOf('\n## Terms\n'))
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| term |'))
    const terms = rows.map(
      (row) => /^\| ([^|]+) \| [^|]+ \| [^|]*\[[^|]+\]\([^|]+\)[^|]* \|$/.exec(row)?.[1] ?? row,
    )
    expect(terms).to.have.length.above(100)
    expect(
      terms.filter((term) => term.startsWith('|')),
      'rows without a meaning or a link',
    ).to.deep.equal([])
    const inOrder = [...new Set(terms)].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    expect(terms).to.deep.equal(inOrder)
  })
})
