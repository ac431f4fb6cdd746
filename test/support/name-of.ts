import type { DescEnum } from '@bufbuild/protobuf'

/** The name of an enum value without its prefix, for readable assertions. */
export function nameOf(schema: DescEnum, value: number): string {
  return schema.value[value]?.localName ?? String(value)
}
