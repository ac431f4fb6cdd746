import { expect } from 'chai'
import { OrderedOutput } from './ordered-output.ts'

describe('The output of runs that go on at the same time', () => {
  it('is shown as it comes where it is first, and is held back where it is not', () => {
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
