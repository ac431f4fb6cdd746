import { randomUUID } from 'node:crypto'
import {
  DeadLetterAction,
  DeadLetterReason,
  DeadLetterState,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import { expect } from 'chai'
import { type ConsumerFixture, createConsumerFixture } from '../testing/consumer-fixture.ts'
import { commandRecord } from '../testing/consumer-records.ts'
import {
  createDeadLetterFixture,
  type DeadLetterFixture,
  everything,
} from '../testing/dead-letter-fixture.ts'
import { refusedWith } from '../testing/refusal.ts'

describe('dead letters in the hands of an operator', () => {
  let fixture: ConsumerFixture
  let wallet: DeadLetterFixture

  before(async () => {
    fixture = await createConsumerFixture()
  })
  beforeEach(async () => {
    wallet = await createDeadLetterFixture(fixture)
  })
  afterEach(() => wallet.end())
  after(() => fixture.dispose())

  it('are listed in their order, filtered and page by page, and shown whole', async () => {
    wallet.broken = new Set([1n])
    await wallet.send('ada', 1n, 2n)
    await fixture.send(wallet.topic, [{ ...commandRecord({ key: 'bob' }), value: Buffer.from([0xff]) }])
    await wallet.putAside(3)

    const first = await wallet.api.listDeadLetters({ pageSize: 2 })
    const second = await wallet.api.listDeadLetters({ pageSize: 2, pageToken: first.nextPageToken })
    const letters = [...first.deadLetters, ...second.deadLetters]
    expect(letters.map(({ reason }) => reason)).to.deep.equal([
      DeadLetterReason.HANDLER_FAILED,
      DeadLetterReason.KEY_PARKED,
      DeadLetterReason.UNDECODABLE,
    ])
    expect(second.nextPageToken).to.equal('')
    expect([first.totalSize, second.totalSize]).to.deep.equal([3, 3])
    const parked = { reason: DeadLetterReason.KEY_PARKED }
    expect((await wallet.api.listDeadLetters({ filter: parked })).totalSize).to.equal(1)
    expect(await wallet.list({ key: Buffer.from('ada') })).to.have.length(2)
    expect(
      await wallet.list({ reason: DeadLetterReason.KEY_PARKED, state: DeadLetterState.PUT_ASIDE }),
    ).to.have.length(1)
    expect(await wallet.list({ topic: 'other' })).to.have.length(0)
    const { nextPageToken: pageToken } = first
    expect(await refusedWith(wallet.api.listDeadLetters({ filter: parked, pageToken }))).to.equal(
      'INVALID_ARGUMENT PAGE_TOKEN_INVALID',
    )

    const { deadLetter } = await wallet.api.getDeadLetter({ deadLetterId: letters[0]?.deadLetterId ?? '' })
    expect(JSON.parse(deadLetter?.payloadJson ?? '')).to.include({ userId: 'ada', amount: '1' })
    expect(deadLetter?.error).to.equal('TypeError: not that amount')
    expect(deadLetter?.headers.map(({ name }) => Buffer.from(name).toString())).to.include('ce_id')
    expect(deadLetter?.history.map(({ action }) => action)).to.deep.equal([DeadLetterAction.PUT_ASIDE])
    const undecodable = await wallet.api.getDeadLetter({ deadLetterId: letters[2]?.deadLetterId ?? '' })
    expect(undecodable.deadLetter).to.deep.include({ payloadJson: '', outcomeRequired: true })
  })

  it('are for operators only, and clear about what is not there', async () => {
    const unknown = randomUUID()
    for (const roles of [[], ['admin']]) {
      expect(await refusedWith(wallet.api.as('ada', roles).listDeadLetters({}))).to.equal(
        'PERMISSION_DENIED ROLE_MISSING',
      )
    }
    expect(await refusedWith(wallet.api.getDeadLetter({ deadLetterId: unknown }))).to.equal(
      'NOT_FOUND DEAD_LETTER_NOT_FOUND',
    )
    expect(await refusedWith(wallet.redrive({ case: 'deadLetterId', value: unknown }))).to.equal(
      'NOT_FOUND DEAD_LETTER_NOT_FOUND',
    )
    const unclean = [
      wallet.api.listDeadLetters({ filter: { type: 'a\0b' } }),
      wallet.redrive({ case: 'filter', value: { topic: 'a\0b' } }),
      wallet.redrive({ case: 'key', value: { consumer: 'wallet', topic: 'a\0b', key: Buffer.from('ada') } }),
      wallet.api.discardDeadLetter({ requestId: randomUUID(), deadLetterId: unknown, reason: 'a\0b' }),
    ]
    for (const refusal of await Promise.all(unclean.map(refusedWith))) {
      expect(refusal).to.equal('INVALID_ARGUMENT FIELD_VIOLATION')
    }
    const elsewhere = { consumer: 'other', topic: wallet.topic, key: Buffer.from('ada') }
    expect(await refusedWith(wallet.redrive({ case: 'key', value: elsewhere }))).to.equal(
      'NOT_FOUND CONSUMER_NOT_FOUND',
    )
    const request = { requestId: randomUUID(), selection: everything }
    await wallet.api.redriveDeadLetters(request)
    expect(await refusedWith(wallet.api.redriveDeadLetters({ ...request, maxMessages: 7 }))).to.equal(
      'ALREADY_EXISTS REQUEST_ID_REUSED',
    )
  })
})
