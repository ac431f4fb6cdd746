const uuidField = {
  type: 'string',
  pattern: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
} as const
const points = { type: 'string', pattern: '^[1-9][0-9]{0,12}$' } as const
/** The services read page tokens, and refuse those that they have not issued. */
const pageToken = { type: 'string', pattern: '^[A-Za-z0-9_-]*$', maxLength: 512 } as const
/** A boolean of a query string, where every value is text. */
const flag = { enum: ['true', 'false'] } as const

/** JSON schema of an object that needs these UUIDs. */
export function uuid(...names: readonly string[]) {
  return objectOf(Object.fromEntries(names.map((name) => [name, uuidField])))
}

/** JSON schema of the body of a change: a request id and these fields, all of them required. */
export function requestId(properties: Readonly<Record<string, object>> = {}) {
  return objectOf({ requestId: uuidField, ...properties })
}

export const fields = {
  uuid: uuidField,
  points,
  pageToken,
  flag,
  position: { type: 'string', format: 'position' },
  instant: { type: 'string', format: 'instant' },
  /** Text that is stored or looked for. */
  text: (lengthMax: number) =>
    ({ type: 'string', format: 'storable-text', minLength: 1, maxLength: lengthMax }) as const,
} as const

export type Flag = (typeof flag.enum)[number]

/** JSON schema of a query with these fields, none of them required, and no others. */
export function queryOf(properties: Readonly<Record<string, object>>) {
  return { type: 'object', additionalProperties: false, properties } as const
}

/** JSON schema of an object with these fields, all of them required, and no others. */
export function objectOf(properties: Readonly<Record<string, object>>) {
  return { type: 'object', additionalProperties: false, properties, required: Object.keys(properties) }
}
