import type { ConsumedRecord, HeaderValue } from '@boxoffice/kafka'

/**
 * A record's headers as `dead_letter.headers` keeps them: JSON, a list of [name, value] in base64, null for no value.
 */
export function storedHeaders(record: ConsumedRecord): Buffer {
  const list = Object.entries(record.headers).flatMap(([name, values]) =>
    [values]
      .flat()
      .map((value) => [
        base64(name),
        value === null || value === undefined ? null : base64(value as Buffer | string),
      ]),
  )
  return Buffer.from(JSON.stringify(list))
}

/** Restores the headers of a record from their stored form; their values are bytes. */
export function recordHeaders(stored: Buffer): ConsumedRecord['headers'] {
  const headers = new Map<string, HeaderValue | HeaderValue[]>()
  for (const { name, value } of headerList(stored)) {
    const text = name.toString()
    const before = headers.get(text)
    if (before === undefined) headers.set(text, value)
    else headers.set(text, [before, value].flat())
  }
  return Object.fromEntries(headers)
}

/** The headers as bytes, in order; a repeated one comes several times. */
export function headerList(stored: Buffer): { readonly name: Buffer; readonly value: Buffer | null }[] {
  const list = JSON.parse(stored.toString()) as [string, string | null][]
  return list.map(([name, value]) => ({
    name: Buffer.from(name, 'base64'),
    value: value === null ? null : Buffer.from(value, 'base64'),
  }))
}

function base64(bytes: Buffer | string): string {
  return Buffer.from(bytes as string).toString('base64')
}
