/** Messages of pgoutput, as a server writes them. */
export interface WrittenColumn {
  readonly name: string
  readonly typeOid: number
  /** `b` is binary, `t` text, `n` null. */
  readonly format: 'b' | 't' | 'n'
  readonly value?: Buffer | string
}

export function relationMessage(
  relation: { readonly oid: number; readonly schema: string; readonly table: string },
  columns: readonly WrittenColumn[],
): Buffer {
  return Buffer.concat([
    Buffer.from('R'),
    int32(relation.oid),
    name(relation.schema),
    name(relation.table),
    Buffer.from('d'),
    int16(columns.length),
    ...columns.flatMap((column) => [Buffer.of(0), name(column.name), int32(column.typeOid), int32(-1)]),
  ])
}

export function insertMessage(oid: number, columns: readonly WrittenColumn[]): Buffer {
  const values = columns.flatMap(({ format, value = '' }) => {
    const bytes = Buffer.from(value as string)
    return format === 'n' ? [Buffer.from(format)] : [Buffer.from(format), int32(bytes.length), bytes]
  })
  return Buffer.concat([Buffer.from('I'), int32(oid), Buffer.from('N'), int16(columns.length), ...values])
}

export function int8(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes
}

const name = (text: string): Buffer => Buffer.from(`${text}\0`)

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
