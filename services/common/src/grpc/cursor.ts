/** Writes the sort key of a list's rows into a page token, and reads it from one. */
export interface Cursor<Value> {
  format(value: Value): string
  /** Undefined for a text that `format` does not write. */
  parse(text: string): Value | undefined
}

/** A row's position, as PostgreSQL's `bigint` holds it. */
export const positionCursor = positionUpTo(2n ** 63n - 1n)

/** A row's position, as PostgreSQL's `integer` holds it. */
export const smallPositionCursor = positionUpTo(2n ** 31n - 1n)

function positionUpTo(max: bigint): Cursor<bigint> {
  return {
    format: String,
    parse(text) {
      if (!/^(0|[1-9]\d{0,18})$/.test(text)) return undefined
      const position = BigInt(text)
      return position <= max ? position : undefined
    },
  }
}

/** A time and an id: rows that were inserted together have the same time. */
export interface TimeAndId {
  readonly time: Date
  readonly id: string
}

/** Written as `<time>/<id>`: an ISO 8601 time of the years 1 to 9999, to the millisecond, and a UUID in lower case. */
export const timeAndIdCursor: Cursor<TimeAndId> = {
  format: ({ time, id }) => `${time.toISOString()}/${id}`,
  parse(text) {
    const [, written = '', id = ''] = timeAndId.exec(text) ?? []
    const time = new Date(written)
    // A day or second that does not exist, such as a leap second, becomes another time when written again, or none.
    const isTime =
      !Number.isNaN(time.getTime()) && time.toISOString() === written && !written.startsWith('0000')
    return isTime ? { time, id } : undefined
  },
}

const timeAndId =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\/([\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12})$/
