import { v5 } from 'uuid'

/** The root of every id that Boxoffice derives, also of messages. Changing it would make every repeat look new. */
const boxofficeNamespace = '5f0c3c4e-6c0b-5a49-8f52-1b3d6f3f8a10'

/** The id of the resource that `subject` creates with `requestId`, always the same: UUIDv5(subject, request id). */
export function deriveResourceId(subject: string, requestId: string): string {
  return v5(requestId.toLowerCase(), v5(subject, boxofficeNamespace))
}
