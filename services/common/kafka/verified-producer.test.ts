import { expect } from 'chai'
import type { ProducerBatch } from 'kafkajs'
import {
  answerAll,
  type Behaviour,
  dropPartition,
  type FakeKafka,
  fakeKafka,
  kafkaError,
  reject,
  tooLarge,
} from './testing/fake-kafka.ts'
import { KafkaUnavailableError, type OutgoingRecord, VerifiedProducer } from './verified-producer.ts'

describe('VerifiedProducer', () => {
  it('sends again what the answers leave out, before it says that anything is published', async () => {
    // As KafkaJS does when a leader moves to a broker that has answered already.
    const kafka = fakeKafka([dropPartition(1), dropPartition(1), answerAll])
    const records = recordsOf('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
    const outcome = await producerOf(kafka).send(records)
    expect(outcome.published).to.deep.equal(records)
    expect(kafka.written()).to.have.members(records.map(keyOf))
    expect(kafka.producers).to.equal(1)
  })

  it('does not count an answer with an error or without an offset', async () => {
    const noOffset: Behaviour = (batch, write) =>
      answerAll(batch, write).map((answer) => ({ ...answer, baseOffset: '-1' }))
    const anError: Behaviour = (batch, write) =>
      answerAll(batch, write).map((answer) => ({ ...answer, errorCode: 6 }))
    const kafka = fakeKafka([noOffset, anError, answerAll])
    await producerOf(kafka).send(recordsOf('a'))
    expect(kafka.sends).to.equal(3)
  })

  it('throws the producer away after a rejected send, and sends the same through a new one', async () => {
    const kafka = fakeKafka([reject('NOT_ENOUGH_REPLICAS'), answerAll])
    const outcome = await producerOf(kafka).send(recordsOf('a'))
    expect(outcome.published).to.have.length(1)
    expect(kafka.producers).to.equal(2)
    expect(kafka.disconnected).to.equal(1)
  })

  it('does not let one failing partition make the others repeat themselves more than once', async () => {
    const failing: Behaviour = (batch, write) => {
      if (partitionsOf(batch).has(1)) throw kafkaError('LEADER_NOT_AVAILABLE')
      return answerAll(batch, write)
    }
    const kafka = fakeKafka([failing])
    const records = recordsOf('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
    const failure = await producerOf(kafka, 500)
      .send(records)
      .catch((error: unknown) => error)
    expect(failure).to.be.instanceOf(KafkaUnavailableError)
    const written = kafka.written()
    expect(new Set(written).size).to.equal(written.length)
  })

  it('keeps the order of a partition when a part of it is sent again', async () => {
    const kafka = fakeKafka([reject('MESSAGE_TOO_LARGE'), tooLarge(2), tooLarge(2), tooLarge(2)], {
      partitions: 50,
    })
    const records = Array.from({ length: 9 }, (_, n) => ({ ...record('k'), value: Buffer.from(`${n}`) }))
    const outcome = await producerOf(kafka).send(records)
    expect(outcome.published).to.deep.equal(records)
    expect(kafka.values()).to.deep.equal(['0', '1', '2', '3', '4', '5', '6', '7', '8'])
  })

  it('reports a single record that Kafka refuses, holds back the later ones of its key, and sends all others', async () => {
    const poison: Behaviour = (batch, write) => {
      const values = batch.topicMessages?.flatMap(({ messages }) =>
        messages.map(({ value }) => String(value)),
      )
      if (values?.includes('poison')) throw kafkaError('MESSAGE_TOO_LARGE')
      return answerAll(batch, write)
    }
    const kafka = fakeKafka([poison], { partitions: 1 })
    const records = [
      record('k', 'before'),
      record('k', 'poison'),
      record('k', 'after'),
      record('other', 'flows'),
      record(null, 'poison'),
      record(null, 'flows too'),
    ]
    const outcome = await producerOf(kafka).send(records)
    expect(outcome.rejected.map(({ record, reason }) => [record.value?.toString(), reason])).to.deep.equal([
      ['poison', 'MESSAGE_TOO_LARGE'],
      ['poison', 'MESSAGE_TOO_LARGE'],
    ])
    expect(outcome.skipped).to.deep.equal([records[2]])
    expect(kafka.values().sort()).to.deep.equal(['before', 'flows', 'flows too'])
  })

  it('refuses the same object twice, whose fate would never be known, and goes on with the next send', async () => {
    const kafka = fakeKafka([answerAll])
    const producer = producerOf(kafka)
    const [one = record('a')] = recordsOf('a')
    const failure = await producer.send([one, one]).catch((error: unknown) => error)
    expect(failure).to.be.instanceOf(TypeError)
    expect(kafka.sends).to.equal(0)
    expect((await producer.send([one, { ...one }])).published).to.have.length(2)
  })

  it('defers the records of a topic that is missing, and sends all others', async () => {
    const kafka = fakeKafka([answerAll], { untold: { gone: ['UNKNOWN_TOPIC_OR_PARTITION'] } })
    const records = [record('k', 'lost', 'gone'), record('k', 'flows')]
    const producer = producerOf(kafka)
    const outcome = await producer.send(records)
    expect(outcome.published).to.deep.equal([records[1]])
    expect(outcome.deferred).to.deep.equal([{ record: records[0], reason: 'UNKNOWN_TOPIC_OR_PARTITION' }])
    // It was only for a moment.
    expect((await producer.send(records)).published).to.deep.equal(records)
  })

  it('defers the records of a topic that it may not write to, each once, and sends all others', async () => {
    const forbidden: Behaviour = (batch, write) => {
      if (batch.topicMessages?.some(({ topic }) => topic === 'forbidden')) {
        throw kafkaError('TOPIC_AUTHORIZATION_FAILED')
      }
      return answerAll(batch, write)
    }
    const kafka = fakeKafka([forbidden])
    const records = [
      record('a', '1', 'forbidden'),
      record('b', '2', 'forbidden'),
      record('a', '3', 'forbidden'),
    ]
    const flowing = recordsOf('a', 'b', 'c')
    const outcome = await producerOf(kafka).send([...records, ...flowing])
    expect(outcome.published).to.deep.equal(flowing)
    expect(outcome.deferred.map(({ record }) => record)).to.deep.equal(records)
    expect(new Set(outcome.deferred.map(({ reason }) => reason))).to.have.keys('TOPIC_AUTHORIZATION_FAILED')
    expect(outcome.rejected).to.have.length(0)
  })

  it('refuses the records of a topic whose name none can have before KafkaJS hears it, and sends all others', async () => {
    const kafka = fakeKafka([answerAll], { untold: { 'a/b': ['INVALID_TOPIC_EXCEPTION'] } })
    const impossible = [record('k', '1', 'a/b'), record('k', '2', 'a/b')]
    const flowing = recordsOf('a', 'b')
    const outcome = await producerOf(kafka).send([...impossible, ...flowing])
    expect(outcome.published).to.deep.equal(flowing)
    expect(outcome.rejected).to.deep.equal(
      impossible.map((record) => ({ record, reason: 'INVALID_TOPIC_EXCEPTION' })),
    )
    expect(new Set(kafka.topics())).to.have.keys('t')
  })

  it('does not take a topic whose partitions have no leader for a missing one', async () => {
    const moment = ['LEADER_NOT_AVAILABLE', 'LEADER_NOT_AVAILABLE']
    const kafka = fakeKafka([answerAll], { untold: { t: moment } })
    const others = [record('k', 'v', 'other')]
    const records = [...recordsOf('a'), ...others]
    expect((await producerOf(kafka).send(records)).published).to.deep.equal(records)
    // The other topic did not wait for it.
    expect(kafka.topics()).to.deep.equal(['other', 't'])
  })

  it('gives up when Kafka takes nothing for as long as it is patient', async () => {
    const kafka = fakeKafka([reject('NOT_ENOUGH_REPLICAS')])
    const failure = await producerOf(kafka, 300)
      .send(recordsOf('a'))
      .catch((error: unknown) => error)
    expect(failure).to.be.instanceOf(KafkaUnavailableError)
    expect(failure).to.include({ code: 'KAFKA_UNAVAILABLE', retriable: true })
  })

  it('gives up a send that hangs, and goes on with a new producer', async () => {
    const hang: Behaviour = () => new Promise(() => {})
    const kafka = fakeKafka([hang, answerAll])
    const producer = new VerifiedProducer({ kafka: kafka.client, patienceMs: 5_000, attemptTimeoutMs: 50 })
    expect((await producer.send(recordsOf('a'))).published).to.have.length(1)
    expect(kafka.producers).to.equal(2)
  })

  it('stops when the signal is aborted', async () => {
    const kafka = fakeKafka([reject('NOT_ENOUGH_REPLICAS')])
    const stop = new AbortController()
    const sending = producerOf(kafka).send(recordsOf('a'), stop.signal)
    stop.abort(new Error('enough'))
    const failure = await sending.catch((error: unknown) => error)
    expect(failure).to.be.instanceOf(Error)
    expect(failure).not.to.be.instanceOf(KafkaUnavailableError)
  })
})

function producerOf(kafka: FakeKafka, patienceMs = 5_000): VerifiedProducer {
  return new VerifiedProducer({ kafka: kafka.client, patienceMs })
}

function record(key: string | null, value = 'v', topic = 't'): OutgoingRecord {
  return { topic, key: key === null ? null : Buffer.from(key), value: Buffer.from(value), headers: {} }
}

function recordsOf(...keys: string[]): OutgoingRecord[] {
  return keys.map((key) => record(key))
}

function keyOf({ key }: OutgoingRecord): string {
  return String(key)
}

function partitionsOf(batch: ProducerBatch): Set<number> {
  return new Set(
    (batch.topicMessages ?? []).flatMap(({ messages }) => messages.map(({ partition }) => partition ?? 0)),
  )
}
