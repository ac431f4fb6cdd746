import { expect } from 'chai'
import { childTraceparent, continueTrace, parseTraceparent } from './trace-context.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const parent = `00-${traceId}-b7ad6b7169203331-01`

describe('trace context', () => {
  it('is read from a header', () => {
    expect(parseTraceparent(parent)).to.deep.equal({ traceId, spanId: 'b7ad6b7169203331', sampled: true })
    expect(parseTraceparent(parent.replace(/01$/, '00'))?.sampled).to.equal(false)
    expect(
      parseTraceparent(`cc-${traceId}-b7ad6b7169203331-01-what-the-future-will-be-like`)?.traceId,
    ).to.equal(traceId)
  })

  it('is nothing where the header breaks the specification', () => {
    const zeros = '0'.repeat(32)
    for (const header of [
      undefined,
      '',
      'x',
      parent.toUpperCase(),
      `${parent}-x`,
      `ff${parent.slice(2)}`,
      parent.replace(traceId, zeros),
      parent.replace('b7ad6b7169203331', zeros.slice(16)),
      `cc${parent.slice(2)}-${'x'.repeat(600)}`,
    ]) {
      expect(parseTraceparent(header), header).to.equal(undefined)
    }
  })

  it('continues a trace with a span of its own', () => {
    const child = parseTraceparent(childTraceparent(parent))
    expect(child).to.include({ traceId, sampled: true })
    expect(child?.spanId).to.not.equal('b7ad6b7169203331')
    expect(parseTraceparent(childTraceparent(parent.replace(/01$/, '00')))?.sampled).to.equal(false)
  })

  it('is carried on as it is by what a span leads to', () => {
    expect(continueTrace(parent)).to.equal(parent)
    expect(parseTraceparent(continueTrace('x'))?.sampled).to.equal(true)
    expect(continueTrace()).to.not.equal(continueTrace())
  })

  it('begins a trace where there is none', () => {
    expect(parseTraceparent(childTraceparent())?.traceId).to.not.equal(
      parseTraceparent(childTraceparent('x'))?.traceId,
    )
  })
})
