import type { DescEnum } from '@bufbuild/protobuf'

/** `PENDING` for PAYMENT_STATUS_PENDING; the number for a value that this checkout does not know. */
export function enumName(schema: DescEnum, value: number): string {
  return schema.value[value]?.localName ?? String(value)
}
