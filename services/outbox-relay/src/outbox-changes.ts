import type { OutboxNames } from '@boxoffice/messaging/sql'
import { type ColumnReader, readerOf } from './column-readers.ts'
import type { Lsn } from './lsn.ts'
import type { OutboxColumns } from './outbox-row.ts'

/**
 * What the relay needs from the stream: the begin and the end of transactions, and the rows of the outbox in between.
 */
export type OutboxChange =
  | { readonly kind: 'begin'; readonly committedAtMs: number }
  | { readonly kind: 'row'; readonly columns: OutboxColumns }
  /** A row without an id: it could not be deleted. */
  | { readonly kind: 'row-without-id' }
  | { readonly kind: 'commit'; readonly end: Lsn }
  | { readonly kind: 'other' }

/**
 * Reads the messages of pgoutput (protocol-logicalrep-message-formats, PostgreSQL manual). Each value is in the form
 * that the server chose for it: binary, or text if it has no other. Only the columns that a record is made of are
 * read.
 *
 * No result shares memory with the message, whose buffer the connection uses again.
 */
export class OutboxChanges {
  readonly #names: Pick<OutboxNames, 'schema' | 'table'>
  /** The outbox' columns, by its oid. There are several if it was created again while the log was read. */
  readonly #relations = new Map<number, readonly (Column | undefined)[]>()

  constructor(names: Pick<OutboxNames, 'schema' | 'table'>) {
    this.#names = names
  }

  /** @throws Error if a row has a value that a record needs in a form that is not known */
  read(message: Buffer): OutboxChange {
    switch (message[0]) {
      case 0x42: // 'B': final position, commit time, transaction id
        return { kind: 'begin', committedAtMs: postgresEpochMs + Number(message.readBigInt64BE(9)) / 1_000 }
      case 0x43: // 'C': flags, position of the commit, its end, commit time
        return { kind: 'commit', end: message.readBigUInt64BE(10) }
      case 0x49: // 'I'
        return this.#readInsert(message)
      case 0x52: // 'R'
        this.#readRelation(message)
        return other
      default:
        return other
    }
  }

  /** A relation is described before its first row, and again after each change of it. */
  #readRelation(message: Buffer): void {
    const cursor = { at: 5 }
    const oid = message.readUInt32BE(1)
    const schema = readName(message, cursor)
    const table = readName(message, cursor)
    // Under its former name it may have been the outbox.
    this.#relations.delete(oid)
    // A publication may have other tables as well.
    if (schema !== this.#names.schema || table !== this.#names.table) return
    const count = message.readInt16BE(cursor.at + 1)
    cursor.at += 3
    const columns = Array.from({ length: count }, () => {
      cursor.at += 1
      const name = readName(message, cursor)
      const typeOid = message.readUInt32BE(cursor.at)
      cursor.at += 8
      const read = readerOf(name, typeOid)
      return read === undefined ? undefined : { name, read }
    })
    this.#relations.set(oid, columns)
  }

  #readInsert(message: Buffer): OutboxChange {
    const columns = this.#relations.get(message.readUInt32BE(1))
    if (columns === undefined) return other
    const row: Record<string, unknown> = { topic: null, key: null, payload: null, headers: null }
    let at = 8
    for (const column of columns) {
      const format = message[at]
      at += 1
      if (format !== binaryFormat && format !== textFormat) continue
      const length = message.readInt32BE(at)
      at += 4
      if (column !== undefined)
        row[column.name] = column.read(message, at, at + length, format === textFormat)
      at += length
    }
    if (row.id === undefined) return { kind: 'row-without-id' }
    return { kind: 'row', columns: row as unknown as OutboxColumns }
  }
}

interface Column {
  readonly name: string
  readonly read: ColumnReader
}

const other: OutboxChange = { kind: 'other' }
const binaryFormat = 0x62
const textFormat = 0x74
const postgresEpochMs = Date.UTC(2000, 0, 1)

/** Reads a text that ends with a zero byte. */
function readName(message: Buffer, cursor: { at: number }): string {
  const end = message.indexOf(0, cursor.at)
  const name = message.toString('utf8', cursor.at, end)
  cursor.at = end + 1
  return name
}
