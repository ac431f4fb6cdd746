import { MessagingError } from './messaging-error.ts'

/** @throws MessagingError FIELD_VIOLATION unless it is a UUID, of any version */
export function requireUuid(field: string, value: unknown): void {
  if (typeof value !== 'string' || !uuid.test(value)) refuse(field, value, 'a UUID')
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** @throws MessagingError FIELD_VIOLATION for an empty text, and for NUL, which PostgreSQL cannot store */
export function requireText(field: string, value: unknown): void {
  if (typeof value !== 'string' || value === '' || value.includes('\0'))
    refuse(field, value, 'a text without NUL')
}

/** @throws MessagingError FIELD_VIOLATION unless it is an integer from 1 on that PostgreSQL's `integer` holds */
export function requireCount(field: string, value: unknown): void {
  const isCount = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= countMax
  if (!isCount) refuse(field, value, `an integer from 1 to ${countMax}`)
}

const countMax = 2 ** 31 - 1

/** @throws MessagingError FIELD_VIOLATION unless it is a bigint from 0 on that PostgreSQL's `bigint` holds */
export function requireOffset(field: string, value: unknown): void {
  const isOffset = typeof value === 'bigint' && value >= 0n && value <= offsetMax
  if (!isOffset) refuse(field, value, `a bigint from 0 to ${offsetMax}`)
}

const offsetMax = 2n ** 63n - 1n

/** @throws MessagingError FIELD_VIOLATION for a time that is none, or before 1970: Kafka gives those another meaning */
export function requireTime(field: string, value: unknown): void {
  if (!(value instanceof Date && value.getTime() >= 0)) refuse(field, value, 'a time since 1970')
}

/** @throws MessagingError FIELD_VIOLATION unless JSON can express it */
export function requireJson(field: string, value: unknown): void {
  if (!isJson(value)) refuse(field, value, 'a value that JSON can express')
}

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined
  } catch {
    // A bigint, or a circle.
    return false
  }
}

/** @throws MessagingError FIELD_VIOLATION */
export function refuse(field: string, value: unknown, takes: string): never {
  const got = typeof value === 'string' ? JSON.stringify(value.slice(0, shownMax)) : typeName(value)
  throw new MessagingError('FIELD_VIOLATION', `${field} is ${got}: it takes ${takes}`, { details: { field } })
}

/** The longest text that a refusal repeats. */
const shownMax = 100

function typeName(value: unknown): string {
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) return 'an object'
  return String(value)
}
