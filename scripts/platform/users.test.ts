import { readFile } from 'node:fs/promises'
import { parseTopics, topicsFile } from '@boxoffice/common/doctor/topic-manifests.ts'
import { expect } from 'chai'
import { parseUsers, readUsers } from './users.ts'

describe('the user manifests', () => {
  it('declare one user for each process that connects to Kafka', async () => {
    const names = (await readUsers()).map(({ name }) => name)
    const services = ['payment', 'point', 'reservation']
    expect(names).to.have.members([
      ...services,
      ...services.map((service) => `relay-${service}`),
      'operator',
      'console',
    ])
  })

  it('name existing topics literally, and let services write to none', async () => {
    const topics = parseTopics(await readFile(topicsFile, 'utf8')).map(({ name }) => name)
    for (const { name: user, acls } of await readUsers()) {
      for (const { resource, name, pattern, operation } of acls.filter((acl) => acl.resource === 'topic')) {
        expect(resource === 'topic' && pattern, `${user} and ${name}`).to.equal('literal')
        if (user === 'operator')
          expect({ name, operation }).to.deep.equal({ name: '*', operation: 'Describe' })
        else expect(topics, user).to.include(name)
        if (operation === 'Write') expect(user).to.match(/^relay-/)
      }
    }
  })

  it('let no user create, change or delete a topic, delete records, or change the cluster', async () => {
    for (const { name, acls } of await readUsers()) {
      const may = acls.map(({ resource, operation }) => `${operation} ${resource}`)
      const expected = name.startsWith('relay-')
        ? ['Write topic']
        : [
            'Read topic',
            'DescribeConfigs topic',
            'Describe topic',
            'Read group',
            'Describe group',
            'Delete group',
          ]
      expect(expected, name).to.include.members(may)
    }
  })

  it('set the same quotas for every user', async () => {
    const users = await readUsers()
    expect(new Set(users.map(({ quotas }) => JSON.stringify(quotas))).size).to.equal(1)
    for (const value of Object.values(users[0]?.quotas ?? {})) expect(value).to.be.greaterThan(0)
    expect(() => parseUsers(manifest('[Read]').replace(/quotas:.*/, ''))).to.throw('document 1 does not have')
  })

  it('use prefixes only for groups with random names', async () => {
    const prefixed = (await readUsers()).flatMap(({ acls }) =>
      acls.filter(({ pattern }) => pattern === 'prefix'),
    )
    expect(new Set(prefixed.map(({ resource, name }) => `${resource} ${name}`))).to.deep.equal(
      new Set(['group payment-tail-', 'group read-ranges-']),
    )
  })

  it('let every topic be written by one relay', async () => {
    const written = (await readUsers()).flatMap(({ acls }) =>
      acls.filter(({ operation }) => operation === 'Write').map(({ name }) => name),
    )
    expect(new Set(written)).to.have.length(written.length)
  })

  it('become ACLs of the user, one for each operation', () => {
    expect(parseUsers(manifest('[Read, Delete]'))).to.deep.equal([
      {
        name: 'ada',
        quotas: { producerByteRate: 1, consumerByteRate: 2, requestPercentage: 3 },
        acls: ['Read', 'Delete'].map((operation) => ({
          principal: 'User:ada',
          operation,
          resource: 'group',
          name: 'g-',
          pattern: 'prefix',
        })),
      },
    ])
  })

  it('are refused, with the number of the document, if one is something else', () => {
    expect(() => parseUsers(`${manifest('[Read]')}\n---\nkind: KafkaTopic`)).to.throw(
      'document 2 is not a KafkaUser',
    )
    expect(() => parseUsers(manifest('[Read]').replace('scram-sha-512', 'tls'))).to.throw(
      'document 1 does not authenticate by scram-sha-512',
    )
    expect(() => parseUsers(manifest('[Read]').replace('type: simple', 'type: opa'))).to.throw(
      'document 1 is not authorized by simple ACLs',
    )
  })
})

function manifest(operations: string): string {
  return `
apiVersion: kafka.strimzi.io/v1
kind: KafkaUser
metadata: { name: ada }
spec:
  authentication: { type: scram-sha-512 }
  quotas: { producerByteRate: 1, consumerByteRate: 2, requestPercentage: 3 }
  authorization:
    type: simple
    acls:
      - resource: { type: group, name: g-, patternType: prefix }
        operations: ${operations}`
}
