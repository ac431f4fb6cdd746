import { randomUUID } from 'node:crypto'
import {
  DeadLetterAction,
  DeadLetterReason,
  DeadLetterState,
  DiscardOutcome,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import {
  type UsePointCommand,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { expect } from 'chai'
import {
  type MessageHandler,
  type DiscardOutcome as Outcome,
  OutcomeContradictedError,
} from '../inbox/message-handler.ts'
import {
  type ConsumerFixture,
  createConsumerFixture,
  recordingHandler,
  until,
} from '../testing/consumer-fixture.ts'
import { commandRecord } from '../testing/consumer-records.ts'
import { type OperatorApi, startOperatorApi } from '../testing/operator-api.ts'
import { refusedWith } from '../testing/refusal.ts'

describe('dead letters in the hands of an operator', () => {
  let fixture: ConsumerFixture
  let api: OperatorApi
  let topic: string
  /** Amounts that the handler throws at. */
  let broken: Set<bigint>
  let discarded: Outcome[]
  /** The handler tells when it has come to `slow`, and what it then waits for. */
  let arrived: PromiseWithResolvers<void>
  let gate: PromiseWithResolvers<void>
  const slow = 500n

  before(async () => {
    fixture = await createConsumerFixture()
  })
  beforeEach(async () => {
    topic = await fixture.topic()
    broken = new Set()
    discarded = []
    arrived = Promise.withResolvers()
    gate = Promise.withResolvers()
    const recording = recordingHandler([topic], async ({ body }) => {
      const { amount } = body as UsePointCommand
      if (amount === slow) arrived.resolve()
      if (amount === slow) await gate.promise
      if (broken.has(amount)) throw new TypeError('not that amount')
    })
    const handler: MessageHandler = {
      ...recording,
      discarding: {
        schemas: [UsePointCommandSchema],
        async discard(_em, { body }, outcome) {
          if ((body as UsePointCommand).amount === 666n) throw new OutcomeContradictedError('no')
          discarded.push(outcome)
          return { outbox: [] }
        },
      },
    }
    await fixture.start({ name: 'wallet', handler, settings: { attemptsMax: 1 } })
    api = await startOperatorApi(fixture, 'wallet', handler)
  })
  afterEach(async () => {
    await api.stop()
    await fixture.clear()
  })
  after(() => fixture.dispose())

  const send = (key: string, ...amounts: bigint[]) =>
    fixture.send(
      topic,
      amounts.map((amount) => commandRecord({ key, amount })),
    )
  const putAside = (count: number) =>
    until(
      `${count} put aside`,
      async () =>
        (await fixture.query(`SELECT 1 FROM dead_letter WHERE state = 'PUT_ASIDE'`)).length === count,
    )
  const effectsOf = async (key: string): Promise<number[]> =>
    (await fixture.effects()).filter((effect) => effect.key === key).map(({ amount }) => amount)
  const list = async (filter = {}) => (await api.listDeadLetters({ filter })).deadLetters
  const redrive = async (
    selection: NonNullable<Parameters<OperatorApi['redriveDeadLetters']>[0]['selection']>,
  ) => {
    const { receipt } = await api.redriveDeadLetters({ requestId: randomUUID(), selection })
    if (receipt === undefined) throw new Error('no receipt')
    return receipt
  }
  const key = (name: string) =>
    ({ case: 'key', value: { consumer: 'wallet', topic, key: Buffer.from(name) } }) as const
  const everything = { case: 'filter', value: {} } as const
  const parkedKeys = () => fixture.query('SELECT 1 FROM parked_key')

  it('are listed in their order, filtered and page by page, and shown whole', async () => {
    broken.add(1n)
    await send('ada', 1n, 2n)
    await fixture.send(topic, [{ ...commandRecord({ key: 'bob' }), value: Buffer.from([0xff]) }])
    await putAside(3)

    const first = await api.listDeadLetters({ pageSize: 2 })
    const second = await api.listDeadLetters({ pageSize: 2, pageToken: first.nextPageToken })
    const letters = [...first.deadLetters, ...second.deadLetters]
    expect(letters.map(({ reason }) => reason)).to.deep.equal([
      DeadLetterReason.HANDLER_FAILED,
      DeadLetterReason.KEY_PARKED,
      DeadLetterReason.UNDECODABLE,
    ])
    expect(second.nextPageToken).to.equal('')
    expect([first.totalSize, second.totalSize]).to.deep.equal([3, 3])
    const parked = { reason: DeadLetterReason.KEY_PARKED }
    expect((await api.listDeadLetters({ filter: parked })).totalSize).to.equal(1)
    expect(await list({ key: Buffer.from('ada') })).to.have.length(2)
    expect(
      await list({ reason: DeadLetterReason.KEY_PARKED, state: DeadLetterState.PUT_ASIDE }),
    ).to.have.length(1)
    expect(await list({ topic: 'other' })).to.have.length(0)

    const { deadLetter } = await api.getDeadLetter({ deadLetterId: letters[0]?.deadLetterId ?? '' })
    expect(JSON.parse(deadLetter?.payloadJson ?? '')).to.include({ userId: 'alice', amount: '1' })
    expect(deadLetter?.error).to.equal('TypeError: not that amount')
    expect(deadLetter?.headers.map(({ name }) => Buffer.from(name).toString())).to.include('ce_id')
    expect(deadLetter?.history.map(({ action }) => action)).to.deep.equal([DeadLetterAction.PUT_ASIDE])
    const undecodable = await api.getDeadLetter({ deadLetterId: letters[2]?.deadLetterId ?? '' })
    expect(undecodable.deadLetter).to.deep.include({ payloadJson: '', outcomeRequired: true })
  })

  it('are redriven by key, in order, and the key goes back to normal', async () => {
    broken.add(1n)
    await send('ada', 1n, 2n, 3n)
    await send('bob', 9n)
    await putAside(3)
    broken.clear()
    const receipt = await redrive(key('ada'))
    expect(receipt).to.deep.include({ redriven: 3n, failed: 0n, remaining: 0n, subject: 'olga' })
    await send('ada', 4n)
    await until('the next one', async () => (await effectsOf('ada')).length === 4)
    expect(await effectsOf('ada')).to.deep.equal([1, 2, 3, 4])
    expect(await parkedKeys()).to.have.length(0)
    const [letter] = await list()
    const { deadLetter } = await api.getDeadLetter({ deadLetterId: letter?.deadLetterId ?? '' })
    expect(deadLetter).to.include({ state: DeadLetterState.REDRIVEN })
    expect(deadLetter?.history.at(-1)).to.deep.include({
      action: DeadLetterAction.REDRIVEN,
      subject: 'olga',
      redriveId: receipt.redriveId,
    })
  })

  it('stop their key when one fails again, with its new error; the other keys of the selection go on', async () => {
    broken.add(1n)
    await send('ada', 1n, 2n, 3n)
    await send('bob', 1n, 5n)
    await putAside(5)
    broken = new Set([2n])
    const receipt = await redrive(everything)
    expect(receipt).to.deep.include({ redriven: 3n, failed: 1n, remaining: 2n })
    expect(receipt.failures).to.have.length(1)
    expect(receipt.failures[0]).to.include({ error: 'TypeError: not that amount', remaining: 2n })
    expect(await effectsOf('ada')).to.deep.equal([1])
    expect(await effectsOf('bob')).to.deep.equal([1, 5])
    // It only stood behind another: now it is a dead letter in its own right.
    const [failed] = await list({ state: DeadLetterState.PUT_ASIDE, reason: DeadLetterReason.HANDLER_FAILED })
    expect(failed?.attempts).to.equal(1)
    expect(await fixture.query('SELECT 1 FROM outbox WHERE topic = $1', [`${topic}-dlt`])).to.have.length(3)
    broken.clear()
    await redrive({ case: 'deadLetterId', value: failed?.deadLetterId ?? '' })
    expect(await effectsOf('ada')).to.deep.equal([1, 2, 3])
  })

  it('keep their order while new messages of the key arrive, and none has its effect twice', async () => {
    broken.add(1n)
    const before = Array.from({ length: 250 }, (_, index) => BigInt(index + 1))
    await send('ada', ...before)
    await putAside(250)
    broken.clear()
    const arriving = (async () => {
      for (let amount = 251n; amount <= 350n; amount++) await send('ada', amount)
    })()
    await Promise.all([arriving, redrive(key('ada')), redrive(key('ada'))])
    await redrive(everything)
    await until('all of them', async () => (await effectsOf('ada')).length >= 350)
    expect(await effectsOf('ada')).to.deep.equal(Array.from({ length: 350 }, (_, index) => index + 1))
    expect(await parkedKeys()).to.have.length(0)
  })

  it('wait for the consumer that is putting another one aside behind them, and take it along', async () => {
    broken.add(1n)
    await send('ada', 1n)
    await putAside(1)
    broken.clear()
    await fixture.send(topic, [
      commandRecord({ key: 'bob', amount: slow }),
      commandRecord({ key: 'ada', amount: 2n }),
    ])
    await arrived.promise
    const waiters = () =>
      fixture.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
    let over = false
    const redriving = redrive(key('ada')).finally(() => {
      over = true
    })
    await until('the redrive to wait', async () => over || (await waiters()).length > 0)
    gate.resolve()
    expect(await redriving).to.deep.include({ redriven: 2n, remaining: 0n })
    expect(await effectsOf('ada')).to.deep.equal([1, 2])
    expect(await parkedKeys()).to.have.length(0)
  })

  it('are handled exactly once when a redrive is cut in the middle and asked for again', async () => {
    broken.add(1n)
    const records = Array.from({ length: 250 }, (_, index) => commandRecord({ amount: BigInt(index + 1) }))
    await fixture.send(topic, records)
    await putAside(250)
    broken.clear()
    // The connection is gone in the second of three steps, as when the process is killed in it.
    await fixture.query(`
      CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$`)
    await fixture.query(
      'CREATE TRIGGER cut AFTER INSERT ON effect FOR EACH ROW WHEN (NEW.amount = 150) EXECUTE FUNCTION cut()',
    )
    const request = { requestId: randomUUID(), selection: key('alice') }
    expect(await refusedWith(api.redriveDeadLetters(request))).to.equal('UNAVAILABLE NOT_READY')
    expect(await effectsOf('alice')).to.have.length(100)
    await fixture.query('DROP FUNCTION cut CASCADE')

    const { receipt } = await api.redriveDeadLetters(request)
    expect(receipt).to.deep.include({ redriven: 250n, remaining: 0n })
    expect((await api.redriveDeadLetters(request)).receipt).to.deep.equal(receipt)
    // Relays may still repeat what was put aside.
    await fixture.send(topic, [...records.slice(0, 50), commandRecord({ amount: 251n })])
    await until('what comes after', async () => (await effectsOf('alice')).length >= 251)
    expect(await effectsOf('alice')).to.deep.equal(Array.from({ length: 251 }, (_, index) => index + 1))
  })

  it('begin no further key past the number of messages that was asked for', async () => {
    broken.add(1n)
    for (const name of ['ada', 'bob', 'eve']) await send(name, 1n, 2n)
    await putAside(6)
    broken.clear()
    const { receipt } = await api.redriveDeadLetters({
      requestId: randomUUID(),
      selection: everything,
      maxMessages: 3,
    })
    expect(receipt).to.deep.include({ redriven: 4n, remaining: 2n })
  })

  it('need an outcome to be discarded, which is recorded; what stands behind waits for its redrive', async () => {
    broken.add(1n)
    await send('ada', 1n, 2n)
    await putAside(2)
    const [letter] = await list()
    const discard = { requestId: randomUUID(), deadLetterId: letter?.deadLetterId ?? '', reason: 'a typo' }
    expect(await refusedWith(api.discardDeadLetter(discard))).to.equal('INVALID_ARGUMENT OUTCOME_REQUIRED')
    const refused = { ...discard, outcome: DiscardOutcome.REFUSED }
    const { deadLetter } = await api.discardDeadLetter(refused)
    expect(deadLetter).to.include({ state: DeadLetterState.DISCARDED, outcome: DiscardOutcome.REFUSED })
    expect(deadLetter?.history.at(-1)).to.deep.include({ subject: 'olga', detail: 'a typo' })
    expect((await api.discardDeadLetter(refused)).deadLetter).to.deep.equal(deadLetter)
    expect(discarded).to.deep.equal(['REFUSED'])
    expect(await refusedWith(api.discardDeadLetter({ ...refused, requestId: randomUUID() }))).to.equal(
      'FAILED_PRECONDITION DEAD_LETTER_SETTLED',
    )
    expect(await parkedKeys()).to.have.length(1)
    await redrive(everything)
    expect(await effectsOf('ada')).to.deep.equal([2])
    expect(await parkedKeys()).to.have.length(0)
  })

  it('leave their key when the only one is discarded, and are not handled when a relay repeats them', async () => {
    const bad = { ...commandRecord({ key: 'ada' }), value: Buffer.from([0xff]) }
    await fixture.send(topic, [bad])
    await putAside(1)
    const [letter] = await list()
    await api.discardDeadLetter({
      requestId: randomUUID(),
      deadLetterId: letter?.deadLetterId ?? '',
      reason: 'garbage',
      outcome: DiscardOutcome.REFUSED,
    })
    expect(discarded, 'nothing to apply an outcome to').to.deep.equal([])
    await fixture.send(topic, [bad, commandRecord({ key: 'ada', amount: 7n })])
    await until('the next of its key', async () => (await effectsOf('ada')).length === 1)
    expect(await list()).to.have.length(1)
  })

  it('are not discarded with an outcome that the service knows to be untrue', async () => {
    broken.add(666n)
    await send('ada', 666n)
    await putAside(1)
    const [letter] = await list()
    const request = {
      requestId: randomUUID(),
      deadLetterId: letter?.deadLetterId ?? '',
      reason: 'it was done',
      outcome: DiscardOutcome.DONE,
    }
    expect(await refusedWith(api.discardDeadLetter(request))).to.equal(
      'FAILED_PRECONDITION OUTCOME_CONTRADICTED',
    )
    expect(await list({ state: DeadLetterState.PUT_ASIDE })).to.have.length(1)
  })

  it('without a key are redriven one by one, and hold nobody back', async () => {
    broken.add(1n)
    const keyless = (amount: bigint) => ({ ...commandRecord({ amount }), key: null })
    await fixture.send(topic, [keyless(1n), keyless(2n), keyless(1n)])
    await putAside(2)
    broken.clear()
    const [letter] = await list()
    const receipt = await redrive({ case: 'deadLetterId', value: letter?.deadLetterId ?? '' })
    expect(receipt).to.deep.include({ redriven: 1n, remaining: 0n })
    expect(await redrive(everything)).to.deep.include({ redriven: 1n, remaining: 0n })
    expect(await fixture.effects()).to.have.length(3)
  })

  it('are for operators only, and clear about what is not there', async () => {
    const unknown = randomUUID()
    for (const roles of [[], ['admin']]) {
      expect(await refusedWith(api.as('ada', roles).listDeadLetters({}))).to.equal(
        'PERMISSION_DENIED ROLE_MISSING',
      )
    }
    expect(await refusedWith(api.getDeadLetter({ deadLetterId: unknown }))).to.equal(
      'NOT_FOUND DEAD_LETTER_NOT_FOUND',
    )
    expect(await refusedWith(redrive({ case: 'deadLetterId', value: unknown }))).to.equal(
      'NOT_FOUND DEAD_LETTER_NOT_FOUND',
    )
    const elsewhere = { consumer: 'other', topic, key: Buffer.from('ada') }
    expect(await refusedWith(redrive({ case: 'key', value: elsewhere }))).to.equal(
      'NOT_FOUND CONSUMER_NOT_FOUND',
    )
    const request = { requestId: randomUUID(), selection: everything }
    await api.redriveDeadLetters(request)
    expect(await refusedWith(api.redriveDeadLetters({ ...request, maxMessages: 7 }))).to.equal(
      'ALREADY_EXISTS REQUEST_ID_REUSED',
    )
  })
})
