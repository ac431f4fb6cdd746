import { randomUUID } from 'node:crypto'
import { DeadLetterState, DiscardOutcome } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import { expect } from 'chai'
import { type ConsumerFixture, createConsumerFixture, until } from '../testing/consumer-fixture.ts'
import { commandRecord } from '../testing/consumer-records.ts'
import {
  createDeadLetterFixture,
  type DeadLetterFixture,
  everything,
  undone,
} from '../testing/dead-letter-fixture.ts'
import { refusedWith } from '../testing/refusal.ts'

describe('dead letters that are given up', () => {
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

  it('need an outcome to be discarded, which is recorded; the messages behind it wait for their redrive', async () => {
    wallet.broken = new Set([1n])
    await wallet.send('ada', 1n, 2n)
    await wallet.putAside(2)
    const [letter] = await wallet.list()
    const discard = { requestId: randomUUID(), deadLetterId: letter?.deadLetterId ?? '', reason: 'a typo' }
    expect(await refusedWith(wallet.api.discardDeadLetter(discard))).to.equal(
      'INVALID_ARGUMENT OUTCOME_REQUIRED',
    )
    const refused = { ...discard, outcome: DiscardOutcome.REFUSED }
    const { deadLetter } = await wallet.api.discardDeadLetter(refused)
    expect(deadLetter).to.include({ state: DeadLetterState.DISCARDED, outcome: DiscardOutcome.REFUSED })
    expect(deadLetter?.history.at(-1)).to.deep.include({ subject: 'olga', detail: 'a typo' })
    expect((await wallet.api.discardDeadLetter(refused)).deadLetter).to.deep.equal(deadLetter)
    expect(wallet.discarded).to.deep.equal(['REFUSED'])
    expect(await refusedWith(wallet.api.discardDeadLetter({ ...refused, requestId: randomUUID() }))).to.equal(
      'FAILED_PRECONDITION DEAD_LETTER_SETTLED',
    )
    expect(await wallet.parkedKeys()).to.have.length(1)
    await wallet.redrive(everything)
    expect(await wallet.effectsOf('ada')).to.deep.equal([2])
    expect(await wallet.parkedKeys()).to.have.length(0)
  })

  it('leave their key when the only one is discarded, and are not handled when a relay repeats them', async () => {
    const bad = { ...commandRecord({ key: 'ada' }), value: Buffer.from([0xff]) }
    await fixture.send(wallet.topic, [bad])
    await wallet.putAside(1)
    const [letter] = await wallet.list()
    await wallet.api.discardDeadLetter({
      requestId: randomUUID(),
      deadLetterId: letter?.deadLetterId ?? '',
      reason: 'garbage',
      outcome: DiscardOutcome.REFUSED,
    })
    expect(wallet.discarded, 'nothing to apply an outcome to').to.deep.equal([])
    await fixture.send(wallet.topic, [bad, commandRecord({ key: 'ada', amount: 7n })])
    await until('the next of its key', async () => (await wallet.effectsOf('ada')).length === 1)
    expect(await wallet.list()).to.have.length(1)
  })

  it('are not discarded with an outcome that the service knows to be untrue', async () => {
    wallet.broken = new Set([undone])
    await wallet.send('ada', undone)
    await wallet.putAside(1)
    const [letter] = await wallet.list()
    const request = {
      requestId: randomUUID(),
      deadLetterId: letter?.deadLetterId ?? '',
      reason: 'it was done',
      outcome: DiscardOutcome.DONE,
    }
    expect(await refusedWith(wallet.api.discardDeadLetter(request))).to.equal(
      'FAILED_PRECONDITION OUTCOME_CONTRADICTED',
    )
    expect(await wallet.list({ state: DeadLetterState.PUT_ASIDE })).to.have.length(1)
  })
})
