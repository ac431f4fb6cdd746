import kafkajs, { type Kafka } from 'kafkajs'
import { withAdmin } from './with-admin.ts'

// Node finds only some of KafkaJS's names by itself.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

/** A right of one user, from any host. */
export interface AclSpec {
  /** `User:` and the user's name. */
  readonly principal: string
  readonly operation: keyof typeof operations
  readonly resource: keyof typeof resources
  /** The name of the resource; `*` with the pattern `literal` is every resource. */
  readonly name: string
  readonly pattern: keyof typeof patterns
}

const operations = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  Delete: AclOperationTypes.DELETE,
} as const
const resources = { topic: AclResourceTypes.TOPIC, group: AclResourceTypes.GROUP } as const
const patterns = { literal: ResourcePatternTypes.LITERAL, prefix: ResourcePatternTypes.PREFIXED } as const

/**
 * Creates ACLs; existing ones stay.
 *
 * @throws Error if one has an unknown operation, resource or pattern, or the brokers refuse it
 */
export async function createAcls(kafka: Kafka, specs: readonly AclSpec[]): Promise<void> {
  const acl = specs.map(({ principal, operation, resource, name, pattern }) => ({
    principal,
    host: '*',
    permissionType: AclPermissionTypes.ALLOW,
    operation: known(operations, operation),
    resourceType: known(resources, resource),
    resourceName: name,
    resourcePatternType: known(patterns, pattern),
  }))
  await withAdmin(kafka, (admin) => admin.createAcls({ acl }))
}

function known<Value>(values: Readonly<Record<string, Value>>, name: string): Value {
  const value = values[name]
  if (value === undefined) throw new Error(`${name} is none of ${Object.keys(values).join(', ')}`)
  return value
}
