import { expect } from 'chai'
import { createLoans, type Library, type Loan, openLibrary } from './testing/loans.ts'

describe('a saga that is not a payment: a book on loan', () => {
  let library: Library
  let notices: Loan[][]
  let loans: ReturnType<typeof createLoans>
  beforeEach(() => {
    library = openLibrary()
    notices = []
    loans = createLoans(library, (changed) => notices.push([...changed]))
  })

  it('decides each step on the state that the one before it left, and appends in their order', async () => {
    library.lend('a', 'b')
    const { decisions, changed } = await loans.run((_tx, advance) =>
      advance([
        { sagaId: 'a', type: 'REMINDER_DUE' },
        { sagaId: 'b', type: 'RETURNED' },
        { sagaId: 'a', type: 'RETURNED' },
        { sagaId: 'a', type: 'RETURNED' },
      ]),
    )
    expect(decisions.map(({ type }) => type)).to.deep.equal([
      'ASKED_AGAIN',
      'CHANGED',
      'CHANGED',
      'UNCHANGED',
    ])
    expect(library.outbox).to.deep.equal(['remind a', 'thank b', 'thank a'])
    expect(changed.map(({ loanId }) => loanId)).to.deep.equal(['a', 'b'])
    expect(library.history).to.deep.equal(['b RETURNED', 'a RETURNED'])
  })

  it('locks each saga once, and none is saved that has not changed', async () => {
    library.lend('a')
    await loans.run((_tx, advance) =>
      advance([
        { sagaId: 'a', type: 'RETURNED' },
        { sagaId: 'a', type: 'RETURNED' },
      ]),
    )
    await loans.run((_tx, advance) => advance([{ sagaId: 'a', type: 'RETURNED' }]))
    expect(library.locks).to.deep.equal([['a'], ['a']])
    expect(library.saves).to.deep.equal([1, 0])
  })

  it('notifies once after the commit, of what has a new transition', async () => {
    library.lend('a', 'b')
    await loans.run(async (_tx, advance) => {
      await advance([{ sagaId: 'a', type: 'RETURNED' }])
      await advance([{ sagaId: 'b', type: 'REMINDER_DUE' }])
      expect(notices).to.deep.equal([])
    })
    expect(notices.map((changed) => changed.map(({ loanId }) => loanId))).to.deep.equal([['a']])
  })

  it('notifies of nothing when there is nothing new', async () => {
    library.lend('a')
    await loans.run((_tx, advance) => advance([{ sagaId: 'a', type: 'REMINDER_DUE' }]))
    expect(notices).to.deep.equal([])
  })

  it('writes, appends and notifies of nothing when the transaction fails', async () => {
    library.lend('a')
    const failed = loans.run(async (_tx, advance) => {
      await advance([{ sagaId: 'a', type: 'RETURNED' }])
      throw new Error('the disk is full')
    })
    expect(await failed.catch(String)).to.contain('the disk is full')
    expect({ ...library.view(), notices }).to.deep.equal({ outbox: [], states: ['a LENT'], notices: [] })
  })

  it('refuses a step that cannot be, and one of a saga that is unknown, and names both', async () => {
    library.lend('a')
    const step = (sagaId: string, type: 'RETURNED' | 'LOST') => ({ sagaId, type })
    const contradiction = loans.run((_tx, advance) => advance([step('a', 'RETURNED'), step('a', 'LOST')]))
    expect(await contradiction.catch(String)).to.equal('Error: loan a: a book that is back cannot be lost')
    const unknown = loans.run((_tx, advance) => advance([step('z', 'RETURNED')]))
    expect(await unknown.catch(String)).to.equal('Error: there is no loan z')
    expect(library.view().states).to.deep.equal(['a LENT'])
  })

  it('leaves append and notice to the caller whose transaction it runs in', async () => {
    library.lend('a')
    const { outputs, notify } = await library.transaction((tx) =>
      loans.advance(tx, [{ sagaId: 'a', type: 'RETURNED' }]),
    )
    expect({ outputs, outbox: library.outbox, notices }).to.deep.equal({
      outputs: ['thank a'],
      outbox: [],
      notices: [],
    })
    notify()
    expect(notices).to.have.length(1)
  })

  it('asks again and gives up when the decision said so', async () => {
    library.lend('a')
    library.clockMs = 99
    await loans.wakeDue(library.reminders)
    expect(library.outbox, 'not yet').to.deep.equal([])
    for (const clockMs of [100, 200, 250]) {
      library.clockMs = clockMs
      await loans.wakeDue(library.reminders)
      await loans.wakeDue(library.deadlines)
    }
    // The second question comes after twice the time, and the deadline stays.
    expect(library.outbox).to.deep.equal(['remind a', 'bill a'])
    expect(library.view().states).to.deep.equal(['a LOST'])
  })

  it('wakes all that are due, a batch in a transaction, and tells the caller of each batch', async () => {
    library.lend('a', 'b', 'c', 'd', 'e')
    library.clockMs = 100
    const batches: number[] = []
    await loans.wakeDue(library.reminders, undefined, (due) => batches.push(due.length))
    expect(batches).to.deep.equal([2, 2, 1])
    expect(library.outbox).to.have.length(5)
  })

  it('wakes no more once it is stopped', async () => {
    library.lend('a')
    library.clockMs = 100
    await loans.wakeDue(library.reminders, AbortSignal.abort())
    expect(library.outbox).to.deep.equal([])
  })
})
