import { randomUUID } from 'node:crypto'
import {
  DeadLetterAction,
  DeadLetterReason,
  DeadLetterState,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import { expect } from 'chai'
import { type ConsumerFixture, createConsumerFixture, until } from '../testing/consumer-fixture.ts'
import { commandRecord } from '../testing/consumer-records.ts'
import {
  createDeadLetterFixture,
  type DeadLetterFixture,
  everything,
  slow,
} from '../testing/dead-letter-fixture.ts'
import { refusedWith } from '../testing/refusal.ts'

describe('dead letters that are redriven', () => {
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

  it('are redriven by key, in order, and the key goes back to normal', async () => {
    wallet.broken = new Set([1n])
    await wallet.send('ada', 1n, 2n, 3n)
    await wallet.send('bob', 9n)
    await wallet.putAside(3)
    wallet.broken = new Set()
    const receipt = await wallet.redrive(wallet.keyOf('ada'))
    expect(receipt).to.deep.include({ redriven: 3n, failed: 0n, remaining: 0n, subject: 'olga' })
    await wallet.send('ada', 4n)
    await until('the next one', async () => (await wallet.effectsOf('ada')).length === 4)
    expect(await wallet.effectsOf('ada')).to.deep.equal([1, 2, 3, 4])
    expect(await wallet.parkedKeys()).to.have.length(0)
    const [letter] = await wallet.list()
    const { deadLetter } = await wallet.api.getDeadLetter({ deadLetterId: letter?.deadLetterId ?? '' })
    expect(deadLetter).to.include({ state: DeadLetterState.REDRIVEN })
    expect(deadLetter?.history.at(-1)).to.deep.include({
      action: DeadLetterAction.REDRIVEN,
      subject: 'olga',
      redriveId: receipt.redriveId,
    })
  })

  it('stop their key when one fails again, with its new error; the other keys of the selection go on', async () => {
    wallet.broken = new Set([1n])
    await wallet.send('ada', 1n, 2n, 3n)
    await wallet.send('bob', 1n, 5n)
    await wallet.putAside(5)
    wallet.broken = new Set([2n])
    const receipt = await wallet.redrive(everything)
    expect(receipt).to.deep.include({ redriven: 3n, failed: 1n, remaining: 2n })
    expect(receipt.failures).to.have.length(1)
    expect(receipt.failures[0]).to.include({ error: 'TypeError: not that amount', remaining: 2n })
    expect(await wallet.effectsOf('ada')).to.deep.equal([1])
    expect(await wallet.effectsOf('bob')).to.deep.equal([1, 5])
    // It only waited behind another: now it is a dead letter in its own right.
    const [failed] = await wallet.list({
      state: DeadLetterState.PUT_ASIDE,
      reason: DeadLetterReason.HANDLER_FAILED,
    })
    expect(failed?.attempts).to.equal(1)
    expect(
      await fixture.query('SELECT 1 FROM outbox WHERE topic = $1', [`${wallet.topic}-dlt`]),
    ).to.have.length(3)
    wallet.broken = new Set()
    await wallet.redrive({ case: 'deadLetterId', value: failed?.deadLetterId ?? '' })
    expect(await wallet.effectsOf('ada')).to.deep.equal([1, 2, 3])
  })

  it('keep their order while new messages of the key arrive, and none has its effect twice', async () => {
    wallet.broken = new Set([1n])
    const before = Array.from({ length: 250 }, (_, index) => BigInt(index + 1))
    await wallet.send('ada', ...before)
    await wallet.putAside(250)
    wallet.broken = new Set()
    const arriving = (async () => {
      for (let amount = 251n; amount <= 350n; amount++) await wallet.send('ada', amount)
    })()
    await Promise.all([arriving, wallet.redrive(wallet.keyOf('ada')), wallet.redrive(wallet.keyOf('ada'))])
    await wallet.redrive(everything)
    await until('all of them', async () => (await wallet.effectsOf('ada')).length >= 350)
    expect(await wallet.effectsOf('ada')).to.deep.equal(Array.from({ length: 350 }, (_, index) => index + 1))
    expect(await wallet.parkedKeys()).to.have.length(0)
  })

  it('wait for the consumer that is putting another one aside behind them, and take it along', async () => {
    wallet.broken = new Set([1n])
    await wallet.send('ada', 1n)
    await wallet.putAside(1)
    wallet.broken = new Set()
    await fixture.send(wallet.topic, [
      commandRecord({ key: 'bob', amount: slow }),
      commandRecord({ key: 'ada', amount: 2n }),
    ])
    await wallet.arrived
    const waiters = () =>
      fixture.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
    let over = false
    const redriving = wallet.redrive(wallet.keyOf('ada')).finally(() => {
      over = true
    })
    await until('the redrive to wait', async () => over || (await waiters()).length > 0)
    wallet.goOn()
    expect(await redriving).to.deep.include({ redriven: 2n, remaining: 0n })
    expect(await wallet.effectsOf('ada')).to.deep.equal([1, 2])
    expect(await wallet.parkedKeys()).to.have.length(0)
  })

  it('are handled exactly once when a redrive is cut in the middle and asked for again', async () => {
    wallet.broken = new Set([1n])
    const records = Array.from({ length: 250 }, (_, index) => commandRecord({ amount: BigInt(index + 1) }))
    await fixture.send(wallet.topic, records)
    await wallet.putAside(250)
    wallet.broken = new Set()
    // The connection is gone in the second of three steps, as when the process is killed in it.
    await fixture.query(`
      CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$`)
    await fixture.query(
      'CREATE TRIGGER cut AFTER INSERT ON effect FOR EACH ROW WHEN (NEW.amount = 150) EXECUTE FUNCTION cut()',
    )
    const request = { requestId: randomUUID(), selection: wallet.keyOf('alice') }
    expect(await refusedWith(wallet.api.redriveDeadLetters(request))).to.equal('UNAVAILABLE NOT_READY')
    expect(await wallet.effectsOf('alice')).to.have.length(100)
    await fixture.query('DROP FUNCTION cut CASCADE')

    const { receipt } = await wallet.api.redriveDeadLetters(request)
    expect(receipt).to.deep.include({ redriven: 250n, remaining: 0n })
    expect((await wallet.api.redriveDeadLetters(request)).receipt).to.deep.equal(receipt)
    // Relays may still repeat what was put aside.
    await fixture.send(wallet.topic, [...records.slice(0, 50), commandRecord({ amount: 251n })])
    await until('what comes after', async () => (await wallet.effectsOf('alice')).length >= 251)
    expect(await wallet.effectsOf('alice')).to.deep.equal(
      Array.from({ length: 251 }, (_, index) => index + 1),
    )
  })

  it('begin no further key past the number of messages that was asked for', async () => {
    wallet.broken = new Set([1n])
    for (const name of ['ada', 'bob', 'eve']) await wallet.send(name, 1n, 2n)
    await wallet.putAside(6)
    wallet.broken = new Set()
    const { receipt } = await wallet.api.redriveDeadLetters({
      requestId: randomUUID(),
      selection: everything,
      maxMessages: 3,
    })
    expect(receipt).to.deep.include({ redriven: 4n, remaining: 2n })
  })

  it('without a key are redriven one by one, and no message waits for them', async () => {
    wallet.broken = new Set([1n])
    const keyless = () => ({ ...commandRecord(), key: null })
    await fixture.send(wallet.topic, [keyless(), keyless(), commandRecord({ amount: 1n }), keyless()])
    await wallet.putAside(4)
    wallet.broken = new Set()
    const [letter] = await wallet.list()
    const receipt = await wallet.redrive({ case: 'deadLetterId', value: letter?.deadLetterId ?? '' })
    expect(receipt).to.deep.include({ redriven: 0n, remaining: 1n })
    expect(await wallet.redrive(everything)).to.deep.include({ redriven: 1n, remaining: 3n })
    expect(await fixture.effects()).to.have.length(1)
  })
})
