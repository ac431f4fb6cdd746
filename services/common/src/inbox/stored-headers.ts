import type { ConsumedRecord } from '../kafka/consumed-record.ts'

/** A record's headers as `dead_letter.headers` keeps them: JSON, a list of [name, value] in base64, null for no value. */
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

function base64(bytes: Buffer | string): string {
  return Buffer.from(bytes as string).toString('base64')
}
