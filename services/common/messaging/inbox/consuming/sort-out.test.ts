import type { ConsumedRecord } from '@boxoffice/kafka'
import { expect } from 'chai'
import { topicKeyName } from '../../dead-letters/parked-keys.ts'
import type { DecodedRecord } from '../../message/decode.ts'
import type { PoisonReason } from '../../message/poison.ts'
import type { ReceivedMessage } from '../../message/received-message.ts'
import { sortOut } from './sort-out.ts'

describe('sorting out the records of a transaction', () => {
  it('puts aside the messages behind poison of their key, and handles the other keys', () => {
    expect(sorted([good('a'), poison('a'), good('b'), good('a'), good('b')])).to.deep.equal({
      handle: [0, 2, 4],
      aside: ['1 UNDECODABLE', '3 KEY_PARKED'],
    })
  })

  it('puts aside the messages of a key that is parked already, poison for its own reason', () => {
    const parked = [topicKeyName({ topic: 'test', key: Buffer.from('a') })]
    expect(sorted([good('a'), poison('a'), good('b')], parked)).to.deep.equal({
      handle: [2],
      aside: ['0 KEY_PARKED', '1 UNDECODABLE'],
    })
  })

  it('lets no message wait behind poison without a key', () => {
    expect(sorted([poison(null), good(null), good('a')])).to.deep.equal({
      handle: [1, 2],
      aside: ['0 UNDECODABLE'],
    })
  })

  it('lets no message wait behind a record that breaks its contract, which itself waits behind none', () => {
    for (const reason of [
      'WRONG_TOPIC',
      'WRONG_SOURCE',
      'WRONG_KEY',
      'WRONG_SUBJECT',
      'WRONG_ID',
      'TOO_LARGE',
    ] as const) {
      expect(sorted([poison('a', reason), good('a')])).to.deep.equal({ handle: [1], aside: [`0 ${reason}`] })
    }
  })

  it('distinguishes keys by topic and by every byte, the empty key included', () => {
    const elsewhere = topicKeyName({ topic: 'other', key: Buffer.from('a') })
    expect(sorted([poison(''), good('a'), good('\0'), good(''), good(null)], [elsewhere])).to.deep.equal({
      handle: [1, 2, 4],
      aside: ['0 UNDECODABLE', '3 KEY_PARKED'],
    })
  })
})

type Draft = (offset: number) => DecodedRecord

function good(key: string | null): Draft {
  return (offset) => ({
    record: recordOf(key, offset),
    message: { offset: BigInt(offset) } as ReceivedMessage,
  })
}

function poison(key: string | null, reason: PoisonReason = 'UNDECODABLE'): Draft {
  return (offset) => ({
    record: recordOf(key, offset),
    poison: { reason, error: 'bad', attempts: 1 },
  })
}

function recordOf(key: string | null, offset: number): ConsumedRecord {
  const bytes = key === null ? null : Buffer.from(key)
  return { topic: 'test', partition: 0, offset: BigInt(offset), key: bytes, value: null, headers: {} }
}

function sorted(drafts: readonly Draft[], parked: readonly string[] = []) {
  const { handle, aside } = sortOut(
    drafts.map((draft, offset) => ({ ...draft(offset), id: `id ${offset}` })),
    new Set(parked),
  )
  return {
    handle: handle.map(({ offset }) => Number(offset)),
    aside: aside.map(({ record, poison: { reason }, messageId }) => {
      expect(messageId, 'what the inbox knows it by').to.equal(`id ${record.offset}`)
      return `${record.offset} ${reason}`
    }),
  }
}
