/** A position in PostgreSQL's write-ahead log, in bytes: 64 bits, which a number cannot hold exactly. */
export type Lsn = bigint

/** Reads PostgreSQL's text form, with or without leading zeros: `16/B374D848`. */
export function parseLsn(text: string): Lsn {
  const parts = /^([0-9a-f]{1,8})\/([0-9a-f]{1,8})$/i.exec(text)
  if (parts === null) throw new Error(`not a log position: ${text}`)
  return (BigInt(`0x${parts[1]}`) << 32n) | BigInt(`0x${parts[2]}`)
}

export function formatLsn(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & 0xffffffffn).toString(16)}`.toUpperCase()
}

export function maxLsn(one: Lsn, other: Lsn): Lsn {
  return one > other ? one : other
}
