import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { createKafka, type KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { withAdmin } from '@boxoffice/kafka'
import { expect } from 'chai'
import { createAuthority } from '../../scripts/platform/certificates.ts'
import { setKafkaPassword } from '../../scripts/platform/kafka/set-password.ts'
import { describeKafkaQuotas } from '../../scripts/platform/kafka/set-quotas.ts'
import { kafkaAs, type Security } from '../../scripts/platform/security.ts'
import { askAs, writeAs } from '../support/attempts.ts'
import { randomPassword, secureSystem, writeInto } from '../support/secure-system.ts'
import type { TestSystem } from '../support/start-test-system.ts'
import { waitUntil } from '../support/wait-until.ts'

describe('a secure system', function () {
  this.timeout(240_000)
  const secure = secureSystem()
  let system: TestSystem
  let security: Security
  before(() => {
    ;({ system, security } = secure())
  })

  describe('in Kafka', () => {
    // Kafka does not return a group's coordinator to a user who may not describe the group.
    const forbidden = /authoriz|find group coordinator/i
    const as = (user: string): KafkaAddress => kafkaAs(user, system.addresses.kafka.brokers, security.kafka)

    it('lets a relay write the topics of its service, and no other', async () => {
      expect(await write('relay-point', 'point-commands-dlt')).to.equal('done')
      for (const topic of [
        'payment-events',
        'point-commands',
        'reservation-events',
        'reservation-commands-dlt',
      ]) {
        expect(await write('relay-point', topic), topic).to.match(forbidden)
      }
    })

    it('lets a service write nothing, not even to the topics of its own relay', async () => {
      for (const topic of ['point-events', 'point-commands', 'payment-events']) {
        expect(await write('point', topic), topic).to.match(forbidden)
      }
    })

    it('lets a service see its inputs and its own group, and no other', async () => {
      expect(await ends('point', 'point-commands')).to.equal('done')
      expect(await ends('point', 'payment-events')).to.match(forbidden)
      expect(await offsets('point', 'point')).to.equal('done')
      expect(await offsets('point', 'payment')).to.match(forbidden)
    })

    it('lets the operator describe every group, and change none', async () => {
      expect(await offsets('operator', 'payment')).to.equal('done')
      expect(await askAs(as('operator'), (admin) => admin.deleteGroups(['payment']))).to.match(
        /delet|not authorized/i,
      )
    })

    it('accepts no client without the right password, and no server certificate of an unknown CA', async () => {
      const wrong = await secret('wrong')
      const kafka = as('point')
      const sasl = { username: 'point', passwordFile: wrong }
      expect(await lists({ ...kafka, sasl })).to.match(/authentication/i)
      expect(await lists({ ...kafka, sasl: undefined })).to.not.equal('done')
      const stranger = await file('stranger.crt', (await createAuthority('stranger')).certificate)
      expect(await lists({ ...kafka, tlsCaFile: stranger })).to.match(/certificate/i)
      expect(await lists(kafka)).to.equal('done')
    })

    it('bounds what each user takes of a broker, as the manifests say', async () => {
      const quotas = await describeKafkaQuotas(system.addresses.kafka.brokers, security.kafka)
      for (const quota of [
        'producer_byte_rate=1.048576E7',
        'consumer_byte_rate=5.24288E7',
        'request_percentage=200.0',
      ])
        expect(quotas).to.include(quota)
    })

    it('uses a changed password for the next connection', async () => {
      const passwordFile = await secret(randomPassword())
      const kafka = { ...as('console'), sasl: { username: 'console', passwordFile } }
      expect(await lists(kafka)).to.match(/authentication/i)
      const client = createKafka({ ...kafka, clientId: 'test' })
      const password = randomPassword()
      await setKafkaPassword('console', password, kafka.brokers, security.kafka)
      await writeFile(passwordFile, password)
      // A broker that has not heard of it yet still asks for the former password.
      await waitUntil('a login', () =>
        withAdmin(client, (admin) => admin.listTopics()).then(
          () => true,
          () => false,
        ),
      )
    })

    const lists = (kafka: KafkaAddress): Promise<string> => askAs(kafka, (admin) => admin.listTopics())
    const ends = (user: string, topic: string) => askAs(as(user), (admin) => admin.fetchTopicOffsets(topic))
    const offsets = (user: string, groupId: string) =>
      askAs(as(user), (admin) => admin.fetchOffsets({ groupId }))
    const write = (user: string, topic: string) => writeAs(as(user), topic)
  })

  const file = (name: string, text: string): Promise<string> => writeInto(system, name, text)
  const secret = (text: string): Promise<string> => file(`secret-${randomBytes(4).toString('hex')}`, text)
})
