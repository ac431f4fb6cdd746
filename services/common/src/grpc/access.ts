import { type Access, access } from '@boxoffice/proto/boxoffice/type/v1/access_pb.ts'
import { type DescMethod, getOption, hasOption } from '@bufbuild/protobuf'
import type { Identity } from '../auth/identity.ts'
import { apiError, Code, ErrorReason } from '../status/errors.ts'

/**
 * The access of a method: who may call it, by its option `access` in the contract.
 *
 * @throws TypeError if the contract declares no access, or two kinds of it
 */
export function accessOf(method: DescMethod): Access {
  const name = `${method.parent.typeName}/${method.name}`
  if (!hasOption(method, access)) throw new TypeError(`${name} does not say in its contract who may call it`)
  const declared = getOption(method, access)
  if (declared.anyUser === declared.roles.length > 0) {
    throw new TypeError(`${name} is either for any user or for roles, and one of the two`)
  }
  return declared
}

/** @throws ApiError PERMISSION_DENIED (ROLE_MISSING) if the caller may not call the method */
export function checkAccess(identity: Identity, { anyUser, roles }: Access): void {
  if (!anyUser) requireRole(identity, ...roles)
}

/** @throws ApiError PERMISSION_DENIED (ROLE_MISSING) if the caller has none of the roles */
export function requireRole(identity: Identity, ...roles: readonly string[]): void {
  if (roles.some((role) => identity.roles.has(role))) return
  const role = roles.join(', ')
  throw apiError(Code.PERMISSION_DENIED, ErrorReason.ROLE_MISSING, `This asks for the role ${role}`, { role })
}
