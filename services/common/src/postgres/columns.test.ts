import { expect } from 'chai'
import { columns } from './columns.ts'

describe('the columns of many rows', () => {
  const loan = columns<{ readonly loanId: string; readonly days: number }>({
    loan_id: ['uuid', ({ loanId }) => loanId],
    days: ['integer', ({ days }) => days],
  })

  it('become one array each, in the declared order', () => {
    const rows = [
      { loanId: 'a', days: 1 },
      { loanId: 'b', days: 2 },
    ]
    expect(loan.values(rows)).to.deep.equal([
      ['a', 'b'],
      [1, 2],
    ])
    expect(loan.values([])).to.deep.equal([[], []])
  })

  it('are named in SQL in the same order, with their types', () => {
    expect([loan.names, loan.count]).to.deep.equal(['loan_id, days', 2])
    expect(loan.unnest('loan')).to.equal('unnest($1::uuid[], $2::integer[]) AS loan (loan_id, days)')
    expect(loan.unnest('loan', 4, 'nth')).to.equal(
      'unnest($4::uuid[], $5::integer[]) WITH ORDINALITY AS loan (loan_id, days, nth)',
    )
  })
})
