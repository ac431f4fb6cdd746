import { randomUUID } from 'node:crypto'
import type { ConsumedRecord } from '@boxoffice/kafka'
import { expect } from 'chai'
import { createDecode } from './decode.ts'
import { PoisonError } from './poison.ts'
import type { ReceivedMessage } from './received-message.ts'

const record: ConsumedRecord = {
  ...{ topic: 'orders', partition: 0, offset: 7n, key: null, value: null, headers: {} },
}
const message: ReceivedMessage = {
  ...{ id: randomUUID(), type: 'shop.OrderPlaced', body: {}, subject: '1', time: new Date(), key: null },
  ...{ topic: 'orders', partition: 0, offset: 7n, traceparent: undefined },
}

function poisonOf(decode: () => unknown) {
  const decoded = createDecode({ decode: decode as () => ReceivedMessage })(record)
  return 'poison' in decoded ? decoded.poison : undefined
}

describe("a stranger's codec", () => {
  it('makes the message that it returns', () => {
    expect(poisonOf(() => message)).to.equal(undefined)
  })

  it('makes the message with its id as the database will write it', () => {
    const decoded = createDecode({ decode: () => ({ ...message, id: message.id.toUpperCase() }) })(record)
    expect('message' in decoded && decoded.message.id).to.equal(message.id)
  })

  it('makes poison of a record by what it throws, whatever that is', () => {
    expect(
      poisonOf(() => {
        throw new PoisonError('RULE_VIOLATED', 'no customer')
      }),
    ).to.deep.equal({ reason: 'RULE_VIOLATED', error: 'no customer', attempts: 1 })
    expect(
      poisonOf(() => {
        throw new RangeError('past the end')
      }),
    ).to.include({ reason: 'UNDECODABLE', error: 'past the end' })
    expect(
      poisonOf(() => {
        throw 'text with a \0'
      }),
    ).to.include({ reason: 'UNDECODABLE', error: 'text with a \uFFFD' })
    expect(
      poisonOf(() => {
        throw undefined
      })?.reason,
    ).to.equal('UNDECODABLE')
  })

  it('makes poison of a record by returning garbage, and the error names what is wrong', () => {
    const garbage: [unknown, string][] = [
      [undefined, 'id is no UUID'],
      [null, 'id is no UUID'],
      ['text', 'id is no UUID'],
      [Promise.resolve(message), 'id is no UUID'],
      [{ ...message, id: '17' }, 'id is no UUID'],
      [{ ...message, type: 3 }, 'type is no text'],
      [{ ...message, subject: undefined }, 'subject is no text'],
      [{ ...message, time: '2026-11-30' }, 'time is no valid Date'],
      [{ ...message, time: new Date(Number.NaN) }, 'time is no valid Date'],
      [{ ...message, traceparent: null }, 'traceparent is no text'],
      [{ ...message, offset: 8n }, 'topic, partition and offset are not those of the record'],
    ]
    for (const [returned, fault] of garbage) {
      const poison = poisonOf(() => returned)
      expect(poison?.reason, fault).to.equal('UNDECODABLE')
      expect(poison?.error)
        .to.match(/^the codec returned no message: /)
        .and.include(fault)
    }
  })
})
