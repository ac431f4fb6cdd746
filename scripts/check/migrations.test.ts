import { expect } from 'chai'
import { faultsOf, readMigrations, readSums } from './migrations.ts'

describe('the migrations', () => {
  it('have not changed since databases applied them', async () => {
    expect(faultsOf(await readMigrations(), await readSums())).to.deep.equal([])
  })

  it('must not change or disappear: the fault asks for a new migration', () => {
    const faults = faultsOf(
      { 'messaging 1': 'other', 'messaging 3': 'c' },
      { 'messaging 1': 'a', 'messaging 2': 'b' },
    )
    expect(faults).to.have.length(3)
    expect(faults[0]).to.include('messaging 1 has changed').and.to.include('add a new migration')
    expect(faults[1]).to.include('messaging 2 is gone')
    expect(faults[2]).to.include('messaging 3 is new')
  })
})
