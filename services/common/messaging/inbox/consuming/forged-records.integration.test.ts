import { randomUUID } from 'node:crypto'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '@boxoffice/common/testing/consumer-fixture.ts'
import { commandRecord, type TestRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { startOperatorApi } from '@boxoffice/common/testing/operator-api.ts'
import { schemaOnTopic } from '@boxoffice/common/testing/schema-on-topic.ts'
import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import { UsePointCommandSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { expect } from 'chai'

/** A record that breaks its contract, whatever else it says. */
function forged(record: TestRecord): TestRecord {
  return { ...record, headers: { ...record.headers, ce_source: 'boxoffice/reservation' } }
}

describe('a forged record', () => {
  let fixture: ConsumerFixture
  before(async () => {
    fixture = await createConsumerFixture()
  })
  afterEach(() => fixture.clear())
  after(() => fixture.dispose())

  const letters = async (): Promise<string[]> => {
    const rows = await fixture.query<{ reason: string; state: string; parks_key: boolean }>(
      'SELECT reason, state, parks_key FROM dead_letter ORDER BY "offset"',
    )
    return rows.map(
      ({ reason, state, parks_key }) => `${reason} ${state}${parks_key ? ', parks its key' : ''}`,
    )
  }

  it('does not take the id of the honest message that comes after it', async () => {
    const topic = await fixture.topic()
    const honest = commandRecord({ key: 'ada', amount: 7n })
    const { ce_id } = honest.headers as Record<string, string>
    const taking = (record: TestRecord): TestRecord => ({
      ...record,
      headers: { ...record.headers, ce_id: ce_id ?? '' },
    })
    await fixture.send(topic, [
      taking(forged(commandRecord({ key: 'ada' }))),
      taking({ ...commandRecord({ key: 'mallory' }), value: Buffer.from([0xff, 0xff]) }),
      taking({ ...commandRecord({ key: 'mallory' }), value: null }),
      { ...taking(commandRecord({ key: 'mallory' })), key: 'ada\0' },
      honest,
      honest,
    ])
    await fixture.start({ name: 'wallet', handler: recordingHandler([topic]) })
    await until('the honest one', async () => (await fixture.effects()).length > 0)
    await until('the others', async () => (await letters()).length === 4)
    expect(await fixture.effects()).to.deep.equal([{ messageId: honest.id, key: 'ada', amount: 7 }])
    expect(await letters()).to.deep.equal([
      'WRONG_SOURCE PUT_ASIDE',
      'UNDECODABLE PUT_ASIDE, parks its key',
      'NULL_VALUE PUT_ASIDE, parks its key',
      'UNCLEAN_KEY PUT_ASIDE, parks its key',
    ])
  })

  it('holds back no message of its key, neither while it is put aside nor when another one is redriven', async () => {
    const topic = await fixture.topic()
    let isBroken = true
    const handler = recordingHandler([topic], ({ key }) => {
      if (key === 'bob' && isBroken) throw new TypeError('not yet')
    })
    await fixture.send(topic, [
      forged(commandRecord({ key: 'ada' })),
      commandRecord({ key: 'ada', amount: 1n }),
      commandRecord({ key: 'bob', amount: 2n }),
      forged(commandRecord({ key: 'bob' })),
      commandRecord({ key: 'bob', amount: 3n }),
      commandRecord({ key: 'ada', amount: 4n }),
    ])
    await fixture.start({ name: 'wallet', handler, settings: { attemptsMax: 1 } })
    await until('the last', async () => (await fixture.effects()).length === 2)
    isBroken = false
    const api = await startOperatorApi(fixture, 'wallet', handler)
    const key = { consumer: 'wallet', topic, key: Buffer.from('bob') }
    const { receipt } = await api.redriveDeadLetters({
      requestId: randomUUID(),
      selection: { case: 'key', value: key },
    })
    await api.stop()
    expect(receipt).to.include({ redriven: 2n, remaining: 0n })
    expect((await fixture.effects()).map(({ amount }) => amount)).to.deep.equal([1, 4, 2, 3])
    expect(await letters()).to.deep.equal([
      'WRONG_SOURCE PUT_ASIDE',
      'HANDLER_FAILED REDRIVEN, parks its key',
      'WRONG_SOURCE PUT_ASIDE',
      'KEY_PARKED REDRIVEN, parks its key',
    ])
    expect(await fixture.query('SELECT 1 FROM parked_key')).to.deep.equal([])
  })

  it('is held to its contract again when it is redriven, and takes its effect once if it is honest after all', async () => {
    const topic = await fixture.topic(2)
    const deployed = recordingHandler([topic])
    const another = {
      ...deployed,
      codec: createProtobufCodec([schemaOnTopic(UsePointCommandSchema, `${topic}-before`)]),
    }
    const honest = commandRecord({ key: 'ada', amount: 5n })
    // Once in each partition, as where partitions were added in between: no repeat that the bytes tell of.
    await fixture.send(topic, [
      { ...honest, partition: 0 },
      { ...honest, partition: 1 },
      forged(commandRecord({ key: 'ada', partition: 0 })),
    ])
    await fixture.start({ name: 'wallet', handler: another })
    await until('all of them', async () => (await letters()).length === 3)
    const api = await startOperatorApi(fixture, 'wallet', deployed)
    const redriven = await api.redriveDeadLetters({
      requestId: randomUUID(),
      selection: { case: 'filter', value: {} },
    })
    expect(redriven.receipt).to.include({ redriven: 2n, remaining: 1n })
    expect((await fixture.effects()).map(({ messageId }) => messageId)).to.deep.equal([honest.id])
    expect(await letters()).to.deep.equal([
      'WRONG_TOPIC REDRIVEN',
      'WRONG_TOPIC REDRIVEN',
      'WRONG_SOURCE PUT_ASIDE',
    ])
    const { deadLetters } = await api.listDeadLetters({ filter: { key: Buffer.from('ada') } })
    const left = deadLetters.find(({ outcomeRequired, state }) => !outcomeRequired && state === 1)
    await api.discardDeadLetter({
      ...{ requestId: randomUUID(), deadLetterId: left?.deadLetterId ?? '', reason: 'forged' },
    })
    await api.stop()
    expect((await letters()).at(-1)).to.equal('WRONG_SOURCE DISCARDED')
  })
})
