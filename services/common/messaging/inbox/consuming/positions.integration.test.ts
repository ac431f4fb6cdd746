import { randomUUID } from 'node:crypto'
import { type ConsumerFixture, createConsumerFixture } from '@boxoffice/common/testing/consumer-fixture.ts'
import { expect } from 'chai'
import { beginPositions, FencedError, movePositions, type PositionMove } from '../positions/positions.ts'
import { takeBatch } from './take-batch.ts'

const consumer = 'wallet'
const topic = 'test'

describe('a stored position', () => {
  let fixture: ConsumerFixture
  before(async () => {
    fixture = await createConsumerFixture()
  })
  afterEach(() => fixture.clear())
  after(() => fixture.dispose())

  const former = randomUUID()
  const current = randomUUID()
  for (const { what, stored, mover, isMoved } of [
    { what: 'by a member that stands in its topic', stored: current, mover: current, isMoved: true },
    { what: 'where the brokers tell no ids', stored: undefined, mover: undefined, isMoved: true },
    { what: 'by a member that stands in the former topic', stored: current, mover: former, isMoved: false },
    { what: 'by a member that knows no id of its topic', stored: current, mover: undefined, isMoved: false },
    { what: 'by a member that alone knows an id', stored: undefined, mover: current, isMoved: false },
  ]) {
    it(`is ${isMoved ? '' : 'not '}moved from the same offset ${what}`, async () => {
      await begin(stored)
      expect(await moved((em, move) => movePositions(em, consumer, [move]), mover)).to.equal(isMoved)
      await fixture.query('DELETE FROM consumer_position')
      await begin(stored)
      expect(await moved((em, move) => takeBatch(em, consumer, [move], [], []), mover)).to.equal(isMoved)
    })
  }

  async function begin(topicId: string | undefined): Promise<void> {
    const position = { topic, partition: 0, nextOffset: 5n, topicId }
    await fixture.db.database.transaction((em) => beginPositions(em, consumer, [position]))
  }

  async function moved(
    move: (em: Parameters<typeof movePositions>[0], move: PositionMove) => Promise<unknown>,
    topicId: string | undefined,
  ): Promise<boolean> {
    const one = { topic, partition: 0, from: 5n, to: 7n, topicId }
    const outcome = await fixture.db.database
      .transaction((em) => move(em, one))
      .catch((error: unknown) => error)
    if (outcome instanceof Error && !(outcome instanceof FencedError)) throw outcome
    const [row] = await fixture.query<{ next_offset: string }>(
      'SELECT next_offset::text FROM consumer_position',
    )
    expect(row?.next_offset).to.equal(outcome instanceof FencedError ? '5' : '7')
    return !(outcome instanceof FencedError)
  }
})
