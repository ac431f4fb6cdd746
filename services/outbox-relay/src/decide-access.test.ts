import { expect } from 'chai'
import { type Access, decideAccess } from './decide-access.ts'
import type { OutboxPublication, OutboxTable, ReplicationSlot, Surroundings } from './look-around.ts'

const table: OutboxTable = {
  kind: 'r',
  persistence: 'p',
  columns: {
    id: 'bigint',
    message_id: 'uuid',
    topic: 'text',
    key: 'bytea',
    type: 'text',
    payload: 'bytea',
    headers: 'jsonb',
    created_at: 'timestamp with time zone',
    further: 'text',
  },
  hidesRows: false,
  refusesDeletions: false,
}
const publication: OutboxPublication = {
  inserts: true,
  hasTable: true,
  rowFilter: null,
  columns: Object.keys(table.columns),
}
const slot: ReplicationSlot = {
  type: 'logical',
  plugin: 'pgoutput',
  isOfThisDatabase: true,
  temporary: false,
  twoPhase: false,
  lost: false,
  reader: 'nobody',
}
const sound: Surroundings = {
  inRecovery: false,
  walLevel: 'logical',
  mayReplicate: true,
  table,
  lackingRights: [],
  otherSchemas: [],
  publication,
  slot,
}
const withTable = (change: Partial<OutboxTable>): Partial<Surroundings> => ({
  table: { ...table, ...change },
})
const withPublication = (change: Partial<OutboxPublication>): Partial<Surroundings> => ({
  publication: { ...publication, ...change },
})
const withSlot = (change: Partial<ReplicationSlot>): Partial<Surroundings> => ({
  slot: { ...slot, ...change },
})
/** Where the log does not bring the rows, a free slot of ours is dropped: it would retain a log that no relay reads. */
const scan = (obstacle: string, dropSlot: boolean): object => ({ kind: 'scan', obstacle, dropSlot })
const blocked = (obstacle: string, detail?: string): object =>
  detail === undefined ? { kind: 'blocked', obstacle } : { kind: 'blocked', obstacle, detail }

const cases: readonly (readonly [name: string, change: Partial<Surroundings>, access: object])[] = [
  ['a free slot', {}, { kind: 'stream' }],
  ['no slot', { slot: null }, { kind: 'create' }],
  ['a slot that has lost its log', withSlot({ lost: true }), { kind: 'replace' }],
  ['a slot that another relay reads', withSlot({ reader: 'relay' }), { kind: 'standby' }],
  ['a slot whose reader has just gone', withSlot({ reader: 'gone' }), { kind: 'standby' }],
  ['a slot that a stranger reads', withSlot({ reader: 'stranger' }), scan('slot-reader', false)],
  [
    'a physical slot',
    withSlot({ type: 'physical', plugin: null, isOfThisDatabase: false }),
    scan('slot-physical', false),
  ],
  ['a slot of another database', withSlot({ isOfThisDatabase: false }), scan('slot-database', false)],
  [
    'a lost slot of another database',
    withSlot({ isOfThisDatabase: false, lost: true }),
    scan('slot-database', false),
  ],
  ['a slot of another plugin', withSlot({ plugin: 'test_decoding' }), scan('slot-plugin', false)],
  ['a temporary slot', withSlot({ temporary: true }), scan('slot-temporary', false)],
  ['a slot of prepared transactions', withSlot({ twoPhase: true }), scan('slot-two-phase', false)],
  ['no publication', { publication: null }, scan('publication-missing', true)],
  ['no publication and no slot', { publication: null, slot: null }, scan('publication-missing', false)],
  [
    'no publication and a foreign slot',
    { publication: null, ...withSlot({ plugin: 'x' }) },
    scan('publication-missing', false),
  ],
  [
    'no publication while another relay reads',
    { publication: null, ...withSlot({ reader: 'relay' }) },
    scan('publication-missing', false),
  ],
  [
    'a publication without the table',
    withPublication({ hasTable: false, columns: null }),
    scan('publication-table', true),
  ],
  ['a publication without inserts', withPublication({ inserts: false }), scan('publication-inserts', true)],
  [
    'a publication with a row filter',
    withPublication({ rowFilter: '(id > 5)' }),
    scan('publication-rows', true),
  ],
  [
    'a publication that hides a column',
    withPublication({ columns: ['id', 'topic'] }),
    scan('publication-columns', true),
  ],
  [
    'a publication whose column list has all that is needed',
    withPublication({ columns: ['id', 'topic', 'key', 'payload', 'headers'] }),
    { kind: 'stream' },
  ],
  ['a publication of a server without column lists', withPublication({ columns: null }), { kind: 'stream' }],
  ['wal_level replica', { walLevel: 'replica', slot: null }, scan('wal-level', false)],
  ['wal_level minimal', { walLevel: 'minimal', slot: null }, scan('wal-level', false)],
  ['a role that may not replicate', { mayReplicate: false }, scan('role-replication', true)],
  ['an unlogged table', withTable({ persistence: 'u' }), scan('table-unlogged', true)],
  ['a partitioned table', withTable({ kind: 'p' }), scan('table-kind', true)],
  ['a standby server', { inRecovery: true }, blocked('server-standby')],
  ['no table', { table: null }, blocked('table-missing')],
  [
    'no table but in another schema',
    { table: null, otherSchemas: ['messaging'] },
    blocked('table-missing', 'there is one in messaging'),
  ],
  [
    'a table without a column',
    withTable({ columns: { ...table.columns, key: '' } }),
    blocked('table-columns', 'key bytea'),
  ],
  [
    'a table with a column of another type',
    withTable({ columns: { ...table.columns, headers: 'json' } }),
    blocked('table-columns', 'headers jsonb'),
  ],
  [
    'a role that may not delete',
    { lackingRights: ['DELETE on outbox'] },
    blocked('table-rights', 'DELETE on outbox'),
  ],
  ['rows that row level security hides', withTable({ hidesRows: true }), blocked('table-row-security')],
  ['rows that cannot be deleted', withTable({ refusesDeletions: true }), blocked('table-undeletable')],
]

describe('how a relay gets at its rows', () => {
  it('takes a publication with the row filter of its shard, however PostgreSQL writes it, and no other', () => {
    const filter = '(a(b, 0) % 2) = 1'
    const withFilter = (rowFilter: string | null) => ({ ...sound, ...withPublication({ rowFilter }) })
    expect(decideAccess(withFilter('((a(b,0) % 2) = 1)'), filter)).to.deep.equal({ kind: 'stream' })
    for (const other of ['((a(b,0) % 2) = 0)', null]) {
      expect(decideAccess(withFilter(other), filter)).to.include({ obstacle: 'publication-rows' })
    }
  })

  for (const [name, change, access] of cases) {
    it(`with ${name}: ${Object.values(access)
      .filter((value) => typeof value === 'string')
      .join(', ')}`, () => {
      expect(decideAccess({ ...sound, ...change }, undefined)).to.deep.equal(access as Access)
    })
  }
})
