import { topicOf } from '@boxoffice/messaging-protobuf'
import * as paymentMessages from '@boxoffice/proto/boxoffice/payment/v1/payment_events_pb.ts'
import * as pointMessages from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import * as reservationMessages from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { DescMessage } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { serviceNames } from '../../scripts/platform/databases.ts'
import { allTopics } from '../../services/console/src/contract/schemas.ts'
import { pointEventSchemas } from '../../services/payment/src/messages/point-events.ts'
import { reservationEventSchemas } from '../../services/payment/src/messages/reservation-events.ts'
import { pointCommands } from '../../services/point/src/messages/point-commands.ts'
import { reservationCommands } from '../../services/reservation/src/messages/reservation-commands.ts'
import { chartValues, type Resource, readManifests } from './charts.ts'

const saga = [...new Set([...pointEventSchemas, ...reservationEventSchemas].map(topicOf))]

/** The topics that each service consumes, from its code. */
const consumed = {
  payment: saga,
  point: pointCommands.topics,
  reservation: reservationCommands.topics,
  console: allTopics,
}
const consumers = [...serviceNames, 'console'] as const

describe('the chart and the manifests', () => {
  let values: Awaited<ReturnType<typeof chartValues>>
  let topics: Resource[]
  let kafka: Resource
  let postgres: Resource
  let databases: Resource[]

  before(async () => {
    values = await chartValues()
    topics = await readManifests('k8s/base/topics.yaml')
    kafka = only(await readManifests('k8s/base/kafka.yaml'), 'Kafka')
    const manifests = await readManifests('k8s/base/postgres.yaml')
    postgres = only(manifests, 'Cluster')
    databases = manifests.filter(({ kind }) => kind === 'Database')
  })

  it('declare exactly the topics of the messages, each with its dead-letter topic', () => {
    const sources = [...new Set(messagesOf(paymentMessages, pointMessages, reservationMessages).map(topicOf))]
    const names = topics.map(({ metadata }) => metadata.name)
    expect(names).to.have.members([...sources, ...sources.map((topic) => `${topic}-dlt`)])
  })

  it('name all services and the topics that each consumes', () => {
    expect(Object.keys(values.services)).to.have.members([...consumers])
    for (const name of consumers) {
      expect(values.services[name].topics, name).to.have.members([...consumed[name]])
    }
  })

  it('never scale to more replicas than there are partitions', () => {
    for (const name of consumers) {
      const partitions = topics
        .filter(({ metadata }) => consumed[name].includes(metadata.name))
        .map(({ spec }) => spec.partitions as number)
      const { maxReplicas } = { ...values.defaults.autoscaling, ...values.services[name].autoscaling }
      expect(maxReplicas, name).to.be.at.most(Math.min(...partitions))
    }
  })

  it('agree on the address and the CA of Kafka', () => {
    const { name } = kafka.metadata
    const [listener] = kafka.spec.kafka.listeners
    expect(values.kafka.brokers).to.equal(`${name}-kafka-bootstrap:${listener.port}`)
    expect(values.kafka.tls).to.deep.equal({ enabled: true, caSecret: `${name}-cluster-ca-cert` })
    for (const topic of topics) expect(topic.metadata.labels?.['strimzi.io/cluster']).to.equal(name)
  })

  it('agree on the users of Kafka', async () => {
    const users = await readManifests('k8s/base/users.yaml')
    const names = users.map(({ metadata }) => metadata.name)
    for (const service of consumers) {
      const { user } = values.services[service].kafka
      expect(names).to.include(user)
      expect(topicsFor(users, user, 'Read'), user).to.include.members([...consumed[service]])
      expect(topicsFor(users, user, 'Write'), user).to.deep.equal([])
    }
    for (const service of serviceNames) {
      const { relayUser } = values.services[service].kafka
      expect(names).to.include(relayUser)
      expect(topicsFor(users, relayUser, 'Read'), relayUser).to.deep.equal([])
      expect(topicsFor(users, relayUser, 'Write'), relayUser).to.include.members(
        consumed[service].map((topic) => `${topic}-dlt`),
      )
    }
    const written = serviceNames.flatMap((name) =>
      topicsFor(users, values.services[name].kafka.relayUser, 'Write'),
    )
    const isSource = (topic: string): boolean => !topic.endsWith('-dlt')
    expect(written.filter(isSource), 'each topic has one service that publishes to it').to.have.members(
      topics.map(({ metadata }) => metadata.name).filter(isSource),
    )
  })

  it('agree on the address and the CA of PostgreSQL', () => {
    const { name } = postgres.metadata
    expect(values.postgres.host).to.equal(`${name}-rw`)
    expect(values.postgres.tls).to.deep.equal({ enabled: true, caSecret: `${name}-ca` })
  })

  it('agree on each role, its password, and its right to replicate', () => {
    const wanted = consumers.flatMap((service) => {
      const { relayRole } = values.services[service].database
      return rolesOf(values.services[service]).map((name) => ({
        name,
        login: true,
        passwordSecret: { name: `${values.postgres.passwordSecretPrefix}${name.replaceAll('_', '-')}` },
        ...(name === relayRole ? { replication: true } : {}),
      }))
    })
    // The connection limits are checked by database-manifest.test.ts.
    const roles = (postgres.spec.managed.roles as readonly object[]).map((role) => ({
      ...role,
      connectionLimit: undefined,
    }))
    expect(roles).to.include.deep.members(wanted.map((role) => ({ ...role, connectionLimit: undefined })))
  })

  it('give each database to its owner, let its roles in, and let no role replicate physically', () => {
    const rules: string[] = postgres.spec.postgresql.pg_hba
    expect(rules[0]).to.equal('host replication all all reject')
    expect(rules.at(-1)).to.equal('host all all all reject')
    const lines = consumers.map((service) => {
      const { name, ownerRole } = values.services[service].database
      expect(databases.find(({ spec }) => spec.name === name)?.spec.owner).to.equal(ownerRole)
      return `hostssl ${name} ${rolesOf(values.services[service]).join(',')} all scram-sha-256`
    })
    expect(rules.slice(1, -1)).to.include.members(lines)
    expect(rules.slice(1, -1).every((rule) => rule.startsWith('hostssl '))).to.equal(true)
  })
})

interface Service {
  readonly database: { readonly role: string; readonly relayRole?: string; readonly ownerRole: string }
}

/** The roles of a service's database; a service without a relay has two. */
function rolesOf({ database: { role, relayRole, ownerRole } }: Service): string[] {
  return [role, ...(relayRole === undefined ? [] : [relayRole]), ownerRole]
}

interface Acl {
  readonly resource: { readonly type: string; readonly name: string; readonly patternType: string }
  readonly operations: readonly string[]
}

function topicsFor(users: readonly Resource[], name: string, operation: string): string[] {
  const acls: Acl[] = users.find(({ metadata }) => metadata.name === name)?.spec.authorization.acls ?? []
  return acls
    .filter(({ resource, operations }) => resource.type === 'topic' && operations.includes(operation))
    .map(({ resource }) => {
      if (resource.patternType !== 'literal') throw new Error(`${name} is given topics by a prefix`)
      return resource.name
    })
}

function messagesOf(...modules: readonly object[]): DescMessage[] {
  return modules
    .flatMap((module) => Object.values(module) as DescMessage[])
    .filter((schema) => schema?.kind === 'message' && hasTopic(schema))
}

function hasTopic(schema: DescMessage): boolean {
  try {
    return topicOf(schema) !== ''
  } catch {
    return false
  }
}

function only(resources: readonly Resource[], kind: string): Resource {
  const [found, ...others] = resources.filter((resource) => resource.kind === kind)
  if (found === undefined || others.length > 0) throw new Error(`expected exactly one ${kind}`)
  return found
}
