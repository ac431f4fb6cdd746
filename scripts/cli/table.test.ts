import { expect } from 'chai'
import { pairs, table } from './table.ts'
import { harmless, widthOf } from './text.ts'

describe('table', () => {
  const columns = [
    { title: 'NAME', value: (row: readonly string[]) => row[0] ?? '' },
    { title: 'POINTS', value: (row: readonly string[]) => row[1] ?? '', right: true },
  ]

  it('makes each column as wide as needed, and aligns numbers to the right', () => {
    const rows = [
      ['alice', '5'],
      ['bo', '12,000'],
    ]
    expect(table(rows, columns)).to.equal('NAME   POINTS\nalice       5\nbo     12,000')
  })

  it('counts no columns for colours, and two for East Asian characters', () => {
    expect(widthOf('\u001b[32mgreen\u001b[39m')).to.equal(5)
    expect(widthOf('아이유')).to.equal(6)
    expect(table([['아이유', '1']], columns).split('\n')[0]).to.equal('NAME    POINTS')
  })

  it('leaves no space at the end of a line', () => {
    expect(
      pairs([
        ['a', ''],
        ['longer', 'x'],
      ]),
    ).to.equal('a\nlonger  x')
  })
})

describe('harmless', () => {
  it('removes characters that would move the cursor or colour the terminal', () => {
    expect(harmless('\u001b[2J\u001b[31mRed\u001b[0m\nline\u0007')).to.equal('Red line ')
  })
})
