import { expect } from 'chai'
import { BenchError } from './bench-error.ts'
import { RowLedger } from './row-ledger.ts'

describe('the ledger of rows', () => {
  const { signal } = new AbortController()

  it('counts a row when it first arrives, and not its repeat', async () => {
    const ledger = new RowLedger()
    const [first, second] = [ledger.begin(), ledger.begin()]
    ledger.committed(first)
    ledger.committed(second)
    ledger.consumed(first)
    ledger.consumed(first)
    const refused = await ledger.allConsumed(0, signal).catch((error: Error) => error)
    expect(refused).to.be.instanceOf(BenchError).with.property('message', '1 of 2 rows did not come through.')
    ledger.consumed(second)
    await ledger.allConsumed(0, signal)
    expect(ledger.latenciesFrom(1)).to.have.length(1)
  })

  it('counts a record that arrives before the answer to its commit as immediate', () => {
    const ledger = new RowLedger()
    const row = ledger.begin()
    ledger.consumed(row)
    ledger.committed(row)
    expect(ledger.latenciesFrom(0)).to.deep.equal([0])
  })
})
