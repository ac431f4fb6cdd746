import type { DescMethod } from '@bufbuild/protobuf'
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt'
import { Code } from '../status/errors.ts'
import type { SecurityKind } from '../telemetry/security-log.ts'
import { accessOf } from './access.ts'

/** The kind of security event that a call is; undefined if it is none. */
export function securityKindOf(method: DescMethod, code: number): SecurityKind | undefined {
  return refusalKindOf(code) ?? (isChange(method) ? 'change' : undefined)
}

export function refusalKindOf(code: number): SecurityKind | undefined {
  switch (code) {
    case Code.UNAUTHENTICATED:
      return 'unauthenticated'
    case Code.PERMISSION_DENIED:
      return 'permission_denied'
    case Code.RESOURCE_EXHAUSTED:
      return 'not_admitted'
    default:
      return undefined
  }
}

const changes = new Map<DescMethod, boolean>()

/** Whether a method needs a role and changes something. */
function isChange(method: DescMethod): boolean {
  let known = changes.get(method)
  if (known === undefined) {
    known = !accessOf(method).anyUser && method.idempotency !== MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS
    changes.set(method, known)
  }
  return known
}
