import { expect } from 'chai'
import { OrderedOutput } from './ordered-output.ts'

describe('The output of simultaneous runs', () => {
  it('is shown as it arrives for the first run, and later for the others', () => {
    const shown: string[] = []
    const output = new OrderedOutput((chunk) => shown.push(chunk.toString()))
    const [first, second, third] = [output.begin(), output.begin(), output.begin()]
    second.write('second, early')
    first.write('first')
    third.write('third')
    third.end()
    expect(shown).to.deep.equal(['first'])
    first.end()
    expect(shown).to.deep.equal(['first', 'second, early'])
    second.write('second, late')
    expect(shown.at(-1)).to.equal('second, late')
    second.end()
    expect(shown).to.deep.equal(['first', 'second, early', 'second, late', 'third'])
  })
})
