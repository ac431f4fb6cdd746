import { expect } from 'chai'
import { faultsOf, namedTestsIn } from './named-tests.ts'

const document = `
| guard | test |
|---|---|
| the inbox | \`consumer.test.ts\`: drops a message |

| name | meaning |
|---|---|
| a | b |
`

describe('the tests that a document names', () => {
  const tests = new Map([
    [
      'services/a/src/consumer.test.ts',
      "describe('the inbox', () => { it('drops a message that comes twice') })",
    ],
    ['services/b/src/other.test.ts', 'it("keeps what nobody\'s is")'],
    ['services/common/src/testing/suite.ts', "it('is in every service')"],
  ])
  const faults = (cell: string) => faultsOf({ place: 'X.md:1', cell }, tests)

  it('are in the last cells of the tables that have a column for them', () => {
    expect(namedTestsIn('X.md', document)).to.deep.equal([
      { place: 'X.md:4', cell: '`consumer.test.ts`: drops a message' },
    ])
  })

  it('are found by file and words of a title, by words alone, or by file alone', () => {
    for (const cell of [
      '`consumer.test.ts`: drops a message',
      '`services/a/src/consumer.test.ts`: the inbox: drops a message',
      "keeps what nobody's is",
      '`consumer.test.ts`, `other.test.ts`',
      '`consumer.test.ts` (every service): is in every service',
      '`consumer.test.ts`: drops a message; `other.test.ts`: keeps what',
      'the same',
    ])
      expect(faults(cell), cell).to.deep.equal([])
  })

  it('have a fault if a file is missing, or if no title of it has the words', () => {
    expect(faults('`gone.test.ts`: drops a message')).to.deep.equal(['X.md:1: there is no gone.test.ts'])
    expect(faults('`other.test.ts`: drops a message').join()).to.contain('has "drops a message"')
    expect(faults('drops nothing').join()).to.contain('has "drops nothing"')
  })
})
