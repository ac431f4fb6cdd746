import { expect } from 'chai'
import type { ServerDescription } from './describe-server.ts'
import { problemsOf, textOf } from './finding.ts'
import { judgeRoom, judgeServer } from './judge-server.ts'

const good: ServerDescription = {
  versionNumber: 180_001,
  version: '18.1',
  inRecovery: false,
  readOnly: 'off',
  walLevel: 'logical',
  fsync: 'on',
  fullPageWrites: 'on',
  encoding: 'UTF8',
  slotsMax: 10,
  slots: 3,
  ourSlots: 3,
  sendersMax: 10,
  senders: 3,
  ourSenders: 3,
  connectionsFree: 150,
  role: 'postgres',
  superuser: true,
}

describe('A PostgreSQL server', () => {
  it('is fine with the needed settings, also while its relays run', () => {
    expect(judgeServer(good).map(textOf)).to.deep.equal(['PostgreSQL 18.1 is as needed.'])
    expect(judgeRoom(good)).to.deep.equal([])
    expect(judgeRoom({ ...good, slotsMax: 3, sendersMax: 3 })).to.deep.equal([])
  })

  const wrong: readonly (readonly [string, Partial<ServerDescription>, RegExp])[] = [
    ['is too old', { versionNumber: 140_010, version: '14.10' }, /is version 14\.10\. .* 15 or later/],
    ['is a standby', { inRecovery: true }, /is a standby\. .*Use its primary/],
    ['is read-only', { readOnly: 'on' }, /default_transaction_read_only=on/],
    [
      'writes no logical log',
      { walLevel: 'replica' },
      /wal_level=replica\. .*SET wal_level = logical, and restart/,
    ],
    ['does not sync', { fsync: 'off' }, /fsync=off\. .*ALTER SYSTEM SET fsync = on/],
    ['writes no full pages', { fullPageWrites: 'off' }, /full_page_writes=off/],
    ['has another encoding', { encoding: 'SQL_ASCII' }, /encoding SQL_ASCII/],
    ['has no superuser for us', { superuser: false, role: 'me' }, /user me of DATABASE_URL is no superuser/],
    ['has no slots', { slotsMax: 10, slots: 8, ourSlots: 0 }, /has 2 replication slots for the relays/],
    [
      'has no senders',
      { sendersMax: 2, senders: 0, ourSenders: 0 },
      /has 2 wal senders.*SET max_wal_senders = 10/,
    ],
  ]
  for (const [what, change, text] of wrong) {
    it(`is a problem if it ${what}`, () => {
      const server = { ...good, ...change }
      const problems = problemsOf([...judgeServer(server), ...judgeRoom(server)])
      expect(problems.map(textOf)).to.have.length(1)
      expect(problems[0] && textOf(problems[0])).to.match(text)
    })
  }

  it('is a warning if few connections are free', () => {
    expect(judgeRoom({ ...good, connectionsFree: 51 }).map(({ severity }) => severity)).to.deep.equal([
      'warning',
    ])
  })
})
