import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { CreateMessagingTables } from '@boxoffice/common/testing/messaging-migration.ts'
import { expect } from 'chai'
import { lockPutAside } from './dead-letter-rows.ts'
import { putAside } from './put-aside.ts'

describe('putting records aside', () => {
  const consumer = 'wallet'
  const topic = 'point-commands'
  let test: TestDatabase
  beforeEach(async () => {
    test = await createTestDatabase({ entities: [], migrations: [CreateMessagingTables] })
  })
  afterEach(() => test.drop())

  it('keeps two messages of one place where the topic was created again', async () => {
    const [first, second] = [commandRecord(), commandRecord()]
    expect(await aside({ ...first, partition: 0, offset: 103n })).to.equal(1)
    expect(await aside({ ...second, partition: 0, offset: 103n })).to.equal(1)
    expect(await aside({ ...second, partition: 0, offset: 103n })).to.equal(0)
    expect(await line()).to.deep.equal([first.id, second.id])
  })

  it('keeps the order of a key that has moved to another partition, where offsets are small', async () => {
    const [first, second] = [commandRecord(), commandRecord()]
    await aside({ ...first, partition: 3, offset: 100_000n })
    await aside({ ...second, partition: 15, offset: 0n })
    expect(await line()).to.deep.equal([first.id, second.id])
  })

  /** Returns how many were new. */
  async function aside(
    record: ReturnType<typeof commandRecord> & { readonly partition: number; readonly offset: bigint },
  ): Promise<number> {
    const { partition, offset, value, headers } = record
    const poison = { reason: 'KEY_PARKED', error: 'behind another', attempts: 0 } as const
    const read = { topic, partition, offset, key: Buffer.from('ada'), value, headers }
    const letter = { record: read, poison, messageId: record.id }
    const added = await test.database.transaction((em) => putAside(em, consumer, 'boxoffice/test', [letter]))
    return added.length
  }

  /** The ids of the messages that wait under the key. */
  async function line(): Promise<string[]> {
    const of = { topic, key: Buffer.from('ada') }
    const rows = await test.database.transaction((em) => lockPutAside(em, consumer, of, 10))
    return rows.map((row) => row.message_id)
  }
})
