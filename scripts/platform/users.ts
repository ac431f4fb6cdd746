import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { createKafka } from '@boxoffice/common/kafka/client.ts'
import { type AclSpec, createAcls } from '@boxoffice/kafka'
import { parseAllDocuments } from 'yaml'
import { repositoryDir } from './paths.ts'

const usersFile = path.join(repositoryDir, 'k8s', 'base', 'users.yaml')

/** A user that authenticates by SCRAM-SHA-512, with its rights. */
export interface UserSpec {
  readonly name: string
  readonly acls: readonly AclSpec[]
  readonly quotas: QuotaSpec
}

/** The quotas of a user on each broker, named as in Strimzi. */
export interface QuotaSpec {
  readonly producerByteRate: number
  readonly consumerByteRate: number
  readonly requestPercentage: number
}

export async function readUsers(): Promise<UserSpec[]> {
  return parseUsers(await readFile(usersFile, 'utf8'))
}

/** Grants users the rights of the Kubernetes manifests, and revokes none. */
export async function allowUsers(kafka: KafkaAddress, users: readonly UserSpec[]): Promise<void> {
  await createAcls(
    createKafka({ ...kafka, clientId: 'boxoffice-users' }),
    users.flatMap(({ acls }) => acls),
  )
}

/** Parses Strimzi `KafkaUser` resources. Throws if a document is something else, or uses an unsupported field. */
export function parseUsers(yaml: string): UserSpec[] {
  return parseAllDocuments(yaml).map((document, index) => {
    const refuse = (what: string): never => {
      throw new Error(`document ${index + 1} ${what}`)
    }
    if (document.errors[0]) refuse(`is no YAML: ${document.errors[0].message}`)
    const resource = document.toJS() as KafkaUser | null
    if (resource?.kind !== 'KafkaUser' || resource.apiVersion !== 'kafka.strimzi.io/v1') {
      return refuse('is not a KafkaUser of kafka.strimzi.io/v1')
    }
    const { authentication, authorization, quotas } = resource.spec
    if (authentication.type !== 'scram-sha-512') refuse('does not authenticate by scram-sha-512')
    if (authorization.type !== 'simple') refuse('is not authorized by simple ACLs')
    const { name } = resource.metadata
    if (quotas === undefined || Object.keys(quotas).sort().join() !== quotaNames)
      refuse(`does not have ${quotaNames} as quotas`)
    return {
      name,
      quotas: quotas as QuotaSpec,
      acls: authorization.acls.flatMap((acl) => aclsOf(`User:${name}`, acl)),
    }
  })
}

const quotaNames = 'consumerByteRate,producerByteRate,requestPercentage'

function aclsOf(principal: string, { resource, operations, type = 'allow' }: KafkaUserAcl): AclSpec[] {
  if (type !== 'allow') throw new Error(`${principal}: only what is allowed is listed`)
  return operations.map((operation) => ({
    principal,
    operation,
    resource: resource.type,
    name: resource.name,
    pattern: resource.patternType ?? 'literal',
  }))
}

interface KafkaUser {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly authentication: { readonly type: string }
    readonly quotas?: Partial<QuotaSpec>
    readonly authorization: { readonly type: string; readonly acls: readonly KafkaUserAcl[] }
  }
}

interface KafkaUserAcl {
  readonly type?: string
  readonly resource: Pick<AclSpec, 'name'> & {
    readonly type: AclSpec['resource']
    readonly patternType?: AclSpec['pattern']
  }
  readonly operations: readonly AclSpec['operation'][]
}
