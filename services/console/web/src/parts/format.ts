// Created once: creating a format costs a hundred times as much as using it, and a list has hundreds of cells.
const numberFormat = new Intl.NumberFormat('en')
const timeFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const dateTimeFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })

/** `12,000`: points, and other numbers that may be past 2^53. */
export function number(value: string | number | bigint): string {
  return numberFormat.format(typeof value === 'number' ? value : BigInt(value))
}

/** `1 payment`, `2 payments`. */
export function count(value: number, what: string): string {
  return `${number(value)} ${what}${value === 1 ? '' : 's'}`
}

export function points(value: string | number | bigint): string {
  return `${number(value)} pt`
}

/** `14:02:07.123`, in local time. */
export function clock(iso: string): string {
  const date = new Date(iso)
  return `${timeFormat.format(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

export function dateTime(iso: string): string {
  return dateTimeFormat.format(new Date(iso))
}

/** `84 ms`, `2.4 s`, `3 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return `${Math.round(ms / 60_000)} min`
}

/** The beginning of a UUID, long enough to distinguish ids. */
export function short(id: string): string {
  return id.slice(0, 8)
}

/** `UsePointCommand` for its protobuf full name. */
export function typeName(type: string): string {
  return type.split('.').at(-1) || 'unknown type'
}

/** `insufficient points` for INSUFFICIENT_POINTS, with or without an enum's prefix. */
export function words(name: string, prefix = ''): string {
  return name.replace(prefix, '').toLowerCase().replaceAll('_', ' ')
}
