import { randomUUID } from 'node:crypto'
import { certificatesFile } from '@boxoffice/common/config/file-settings.ts'
import { Argument, InvalidArgumentError, Option } from 'commander'
import type { DatabaseName, ServiceName } from '../platform/databases.ts'

/** Parses a resource's id. */
export function uuid(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) {
    throw new InvalidArgumentError('It is not a UUID such as 6fa459ea-ee8a-4ca4-894e-db77e160355e.')
  }
  return text.toLowerCase()
}

/** Parses points: a whole number from 1 to 10^9; `20_000` and `20,000` are allowed. */
export function points(text: string): bigint {
  const digits = /^\d+([_,]\d{3})*$/.test(text) ? BigInt(text.replace(/[_,]/g, '')) : 0n
  if (digits < 1n || digits > 1_000_000_000n) {
    throw new InvalidArgumentError('It takes a whole number of points from 1 to 1,000,000,000.')
  }
  return digits
}

/** Parses a seat, SECTION-ROW-NUMBER; returns it in capitals. */
export function seat(text: string): string {
  const name = text.toUpperCase()
  if (!/^[A-Z0-9]{1,8}-[0-9]{1,3}-[0-9]{1,3}$/.test(name)) {
    throw new InvalidArgumentError('Seats are named SECTION-ROW-NUMBER, as in A-3-12.')
  }
  return name
}

/** Adds a seat to the earlier ones: each once, at most 50. */
export function seats(text: string, before: readonly string[] = []): readonly string[] {
  const name = seat(text)
  if (before.includes(name)) throw new InvalidArgumentError(`${name} is given twice.`)
  if (before.length === 50) throw new InvalidArgumentError('At most 50 seats can be held at once.')
  return [...before, name]
}

/** Parses a user: the subject of a token, as the services accept it. */
export function user(text: string): string {
  if (!/^[\x20-\x7e]{1,128}$/.test(text)) {
    throw new InvalidArgumentError('It takes 1 to 128 printable ASCII characters.')
  }
  return text
}

/** Parses the path of a PEM file with certificates. */
export function certificates(file: string): string {
  try {
    return certificatesFile('').parse(file)
  } catch {
    throw new InvalidArgumentError('It is not the path of a PEM file with certificates.')
  }
}

/** `host:port`, or `dns:///host:port`. */
export function address(text: string): string {
  if (!/^(dns:\/\/\/)?[^\s/]+:\d{1,5}$/.test(text)) throw new InvalidArgumentError('It takes host:port.')
  return text
}

/** `host:port,host:port`. */
export function addresses(text: string): readonly string[] {
  return text.split(',').map((part) => address(part.trim()))
}

/** The argument with the seats of a command. */
export function seatsArgument(usage = '<seat...>'): Argument {
  return new Argument(usage, 'names of seats, as in A-3-12').argParser(seats)
}

export function concertOption(): Option {
  return new Option('--concert <id>', 'the concert (default: the newest)').argParser(uuid)
}

/** Each service has one consumer, with the name of the service. */
export const consumerNames = ['payment', 'point', 'reservation'] as const satisfies readonly ServiceName[]

export function consumerOption(): Option {
  return new Option('--consumer <name>', "a service's consumer").choices(consumerNames)
}

/** All consumers: those of the services, and that of the console. */
export const readerNames = [...consumerNames, 'console'] as const satisfies readonly DatabaseName[]

/** Parses an ISO 8601 time, which is local without a zone; a date alone is its midnight. */
export function time(text: string): Date {
  // JavaScript reads a date alone as UTC, and a time without a zone as local.
  const whole = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text
  const time = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(whole) ? new Date(whole) : new Date(Number.NaN)
  if (!Number.isNaN(time.getTime())) return time
  throw new InvalidArgumentError(
    'It takes a time such as 2026-11-23T14:00:00Z, or a local one without the Z.',
  )
}

/**
 * Calls with the same request id take effect once. One id is drawn for the whole command, which can be repeated with
 * it.
 */
export function requestIdOption(): Option {
  return new Option('--request-id <uuid>', 'repeat a call safely: calls with the same id take effect once')
    .argParser(uuid)
    .default(randomUUID(), 'a new one')
}
