const uuidField = {
  type: 'string',
  pattern: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
} as const
const points = { type: 'string', pattern: '^[1-9][0-9]{0,12}$' } as const

/** JSON schema of an object that needs these UUIDs. */
export function uuid(...names: readonly string[]) {
  return objectOf(Object.fromEntries(names.map((name) => [name, uuidField])))
}

/** JSON schema of a body with a request id, which every change has, and further fields, all of them required. */
export function requestId(properties: Readonly<Record<string, object>> = {}) {
  return objectOf({ requestId: uuidField, ...properties })
}

export const fields = { uuid: uuidField, points } as const

/** JSON schema of an object with these fields, all of them required, and no others. */
export function objectOf(properties: Readonly<Record<string, object>>) {
  return { type: 'object', additionalProperties: false, properties, required: Object.keys(properties) }
}
