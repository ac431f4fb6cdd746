import { expect } from 'chai'
import { OutboxChanges } from './outbox-changes.ts'
import { insertMessage, int8, relationMessage, type WrittenColumn } from './testing/pgoutput.ts'

const outbox = { oid: 16_384, schema: 'public', table: 'outbox' }
const names = { schema: 'public', table: 'outbox' }
const jsonb = (text: string): Buffer => Buffer.concat([Buffer.of(1), Buffer.from(text)])

const binary: readonly WrittenColumn[] = [
  { name: 'id', typeOid: 20, format: 'b', value: int8(9_007_199_254_740_993n) },
  { name: 'message_id', typeOid: 2950, format: 'b', value: Buffer.alloc(16) },
  { name: 'topic', typeOid: 25, format: 'b', value: 'bücher' },
  { name: 'key', typeOid: 17, format: 'b', value: Buffer.of(0, 255) },
  { name: 'payload', typeOid: 17, format: 'b', value: 'p' },
  { name: 'headers', typeOid: 3802, format: 'b', value: jsonb('{"a": "ü", "b": {"base64": "AP8="}}') },
  { name: 'further', typeOid: 600, format: 'b', value: 'anything' },
]
const text: readonly WrittenColumn[] = [
  { name: 'id', typeOid: 20, format: 't', value: '9007199254740993' },
  { name: 'message_id', typeOid: 2950, format: 't', value: '00000000-0000-0000-0000-000000000000' },
  { name: 'topic', typeOid: 25, format: 't', value: 'bücher' },
  { name: 'key', typeOid: 17, format: 't', value: '\\x00ff' },
  { name: 'payload', typeOid: 17, format: 't', value: 'p' },
  { name: 'headers', typeOid: 3802, format: 't', value: '{"a": "ü", "b": {"base64": "AP8="}}' },
  { name: 'further', typeOid: 600, format: 't', value: '(1,2)' },
]
const row = {
  id: '9007199254740993',
  topic: 'bücher',
  key: Buffer.of(0, 255),
  payload: Buffer.from('p'),
  headers: { a: 'ü', b: { base64: 'AP8=' } },
}

describe('the changes of an outbox', () => {
  it('are the same whether the server writes values in binary or as text', () => {
    expect(readRow(binary)).to.deep.equal({ kind: 'row', columns: row })
    expect(readRow(text)).to.deep.equal({ kind: 'row', columns: row })
  })

  it('are read value by value, since a type without a binary form comes as text beside others', () => {
    const mixed = binary.map((column, index) => (index % 2 === 0 ? column : (text[index] ?? column)))
    expect(readRow(mixed)).to.deep.equal({ kind: 'row', columns: row })
  })

  it('may have varying characters for a topic, plain JSON for headers, and neither key nor payload', () => {
    const columns = binary.map((column): WrittenColumn => {
      if (column.name === 'topic') return { ...column, typeOid: 1043 }
      if (column.name === 'headers') return { ...column, typeOid: 114, value: '{"a":"b"}' }
      return column.typeOid === 17 ? { name: column.name, typeOid: 17, format: 'n' } : column
    })
    expect(readRow(columns)).to.deep.equal({
      kind: 'row',
      columns: { ...row, key: null, payload: null, headers: { a: 'b' } },
    })
  })

  it('keep nothing of the memory that the connection uses again', () => {
    const changes = new OutboxChanges(names)
    changes.read(relationMessage(outbox, binary))
    const message = insertMessage(outbox.oid, binary)
    const change = changes.read(message)
    message.fill(0x58)
    expect(change).to.deep.equal({ kind: 'row', columns: row })
  })

  it('follow a table that is changed while the log is read', () => {
    const changes = new OutboxChanges(names)
    changes.read(relationMessage(outbox, binary))
    const fewer = binary.toSpliced(1, 1)
    changes.read(relationMessage(outbox, fewer))
    expect(changes.read(insertMessage(outbox.oid, fewer))).to.deep.equal({ kind: 'row', columns: row })
  })

  it('leave out the rows of other tables', () => {
    for (const other of [{ table: 'other' }, { schema: 'elsewhere' }]) {
      const changes = new OutboxChanges(names)
      changes.read(relationMessage({ ...outbox, ...other }, binary))
      expect(changes.read(insertMessage(outbox.oid, binary))).to.deep.equal({ kind: 'other' })
    }
  })

  it('leave out the rows of a table that is no longer called the outbox', () => {
    const changes = new OutboxChanges(names)
    changes.read(relationMessage(outbox, binary))
    changes.read(relationMessage({ ...outbox, table: 'outbox_old' }, binary))
    expect(changes.read(insertMessage(outbox.oid, binary))).to.deep.equal({ kind: 'other' })
  })

  it('name the column whose binary form is not known', () => {
    const columns = binary.map((column) =>
      column.name === 'headers' ? { ...column, typeOid: 99_999 } : column,
    )
    expect(() => readRow(columns)).to.throw(
      'headers of the outbox in a binary form that is not known: type 99999',
    )
  })

  it('refuse a jsonb of another form', () => {
    const otherForm = binary.map((column) =>
      column.name === 'headers' ? { ...column, value: Buffer.from('\x02{}') } : column,
    )
    expect(() => readRow(otherForm)).to.throw('jsonb in form 2, not 1')
  })

  it('have null for what a row lacks, and say so of one that lacks its id', () => {
    const nulls = binary.map(
      ({ name, typeOid, ...value }): WrittenColumn =>
        name === 'id' ? { name, typeOid, ...value } : { name, typeOid, format: 'n' },
    )
    const columns = { id: row.id, topic: null, key: null, payload: null, headers: null }
    expect(readRow(nulls)).to.deep.equal({ kind: 'row', columns })
    expect(readRow(binary.filter(({ name }) => name === 'id'))).to.deep.equal({ kind: 'row', columns })
    for (const without of [
      binary.map(
        (column): WrittenColumn => (column.name === 'id' ? { name: 'id', typeOid: 20, format: 'n' } : column),
      ),
      binary.filter(({ name }) => name !== 'id'),
    ])
      expect(readRow(without)).to.deep.equal({ kind: 'row-without-id' })
  })

  it('begin and end with their transaction', () => {
    const changes = new OutboxChanges(names)
    const begin = Buffer.concat([Buffer.from('B'), int8(1n), int8(1_500_000n), Buffer.alloc(4)])
    const commit = Buffer.concat([Buffer.from('C'), Buffer.of(0), int8(1n), int8(2n), int8(1_500_000n)])
    expect(changes.read(begin)).to.deep.equal({ kind: 'begin', committedAtMs: Date.UTC(2000, 0, 1) + 1_500 })
    expect(changes.read(commit)).to.deep.equal({ kind: 'commit', end: 2n })
  })
})

function readRow(columns: readonly WrittenColumn[]) {
  const changes = new OutboxChanges(names)
  changes.read(relationMessage(outbox, columns))
  return changes.read(insertMessage(outbox.oid, columns))
}
