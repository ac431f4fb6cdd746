import { expect } from 'chai'
import { InboxRetentionError, inboxRetentionMs } from './inbox-retention.ts'

const dayMs = 86_400_000
const commands = { topic: 'commands', retentionMs: 7 * dayMs, segmentMs: dayMs }
const events = { topic: 'events', retentionMs: 30 * dayMs, segmentMs: dayMs }
const archive = { topic: 'archive', retentionMs: Number.POSITIVE_INFINITY, segmentMs: dayMs }

describe('how long the inbox keeps an id', () => {
  it('is as long as any topic can bring its message, and a day', () => {
    expect(inboxRetentionMs([commands, events], undefined)).to.equal(32 * dayMs)
  })

  it('is for ever where a topic keeps its records for ever', () => {
    expect(inboxRetentionMs([commands, archive], undefined)).to.equal(Number.POSITIVE_INFINITY)
  })

  it('may be set to more, and to just so much', () => {
    expect(inboxRetentionMs([commands], 9 * dayMs)).to.equal(9 * dayMs)
    expect(inboxRetentionMs([commands], 400 * dayMs)).to.equal(400 * dayMs)
  })

  it('may not be set to less, and the refusal names each topic with what it needs', () => {
    const refusal = refusalOf(() => inboxRetentionMs([commands, events, archive], 9 * dayMs))
    expect(refusal.message)
      .to.contain('INBOX_RETENTION_MS is 777600000 ms (9.0 days)')
      .and.to.contain('events 2764800000 ms (32.0 days), archive for ever')
      .and.not.to.contain('commands')
  })
})

function refusalOf(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    if (error instanceof InboxRetentionError) return error
    throw error
  }
  return expect.fail('it was not refused')
}
