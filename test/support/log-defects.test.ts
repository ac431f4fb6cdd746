import { expect } from 'chai'
import { defectsIn } from './log-defects.ts'

describe('reading the log of a process', () => {
  it('finds the answers that were defects, and nothing else', () => {
    const defects = [
      '{"level":"error","service":"payment","method":"a/B","code":"INTERNAL","msg":"call"}',
      '{"level":"error","service":"console","status":500,"msg":"a request failed"}',
    ]
    const others = [
      '{"level":"error","service":"payment","msg":"the database is away"}',
      '{"level":"warn","service":"console","status":503,"msg":"a request failed"}',
      '{"level":"warn","service":"payment","code":"UNAVAILABLE","msg":"call"}',
      '{"level":"error","service":"payment","code":"INTERNAL","msg":"ca',
      'FATAL: the database system is starting up',
      '',
    ]
    expect(defectsIn([...others, ...defects].join('\n'))).to.deep.equal(defects)
  })
})
