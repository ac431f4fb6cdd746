import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import { received } from '@boxoffice/common/testing/received.ts'
import { startTestService, type TestService } from '@boxoffice/common/testing/service.ts'
import type { OutboxMessage } from '@boxoffice/messaging'
import { ContradictsRecordError, type DiscardOutcome, type ReceivedMessage } from '@boxoffice/messaging'
import {
  PointRefundedEventSchema,
  PointRefusal,
  PointUsedEventSchema,
  RefundPointCommandSchema,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { create, fromBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { pointService } from '../api/point-service.ts'
import { entities } from '../storage/entities.ts'
import { CreateWallets } from '../storage/migrations/0001-create-wallets.ts'
import { rights } from '../storage/migrations/rights.ts'
import { pointCommands } from './point-commands.ts'

describe('point-commands', () => {
  let service: TestService<typeof PointService.method>
  before(async () => {
    service = await startTestService(
      PointService,
      { entities, migrations: [CreateWallets], rights },
      pointService,
    )
  })
  after(() => service.stop())

  it('takes points and refunds them, each once, however often the command comes', async () => {
    const userId = await userWith(100n)
    const paymentId = randomUUID()
    const asked = [use(userId, paymentId, 60n), use(userId, paymentId, 60n), refund(userId, paymentId, 60n)]
    const again = [refund(userId, paymentId, 60n), use(userId, paymentId, 60n)]

    const first = await service.handle(pointCommands, asked)
    const second = await service.handle(pointCommands, again)

    expect([...first, ...second].map(summaryOf)).to.deep.equal([
      'used 60, balance 40',
      'used 60, balance 40',
      'refunded 60, balance 100',
      'refunded 60, balance 100',
      'used 60, balance 100',
    ])
    expect(await ledgerOf(userId)).to.deep.equal(['CHARGE 100', 'DEBIT 60', 'REFUND 60'])
  })

  it('closes a payment whose refund comes before its debit', async () => {
    const userId = await userWith(100n)
    const paymentId = randomUUID()
    const answers = await service.handle(pointCommands, [
      refund(userId, paymentId, 60n),
      use(userId, paymentId, 60n),
    ])
    expect(answers.map(summaryOf)).to.deep.equal(['refunded 0, balance 100', 'refused CANCELLED'])
    expect(await ledgerOf(userId)).to.deep.equal(['CHARGE 100'])
  })

  it('spends no point twice among the payments of one batch', async () => {
    const userId = await userWith(100n)
    const answers = await service.handle(
      pointCommands,
      [70n, 70n, 30n].map((amount) => use(userId, randomUUID(), amount)),
    )
    expect(answers.map(summaryOf)).to.deep.equal([
      'used 70, balance 30',
      'refused INSUFFICIENT_POINTS',
      'used 30, balance 0',
    ])
  })

  it('refuses a user without a wallet, and repeats that answer after the first charge', async () => {
    const userId = `user-${randomUUID()}`
    const paymentId = randomUUID()
    const [refused] = await service.handle(pointCommands, [use(userId, paymentId, 1n)])
    await service.as(userId, ['cashier']).chargePoints({ requestId: randomUUID(), amount: 10n })
    const [again] = await service.handle(pointCommands, [use(userId, paymentId, 1n)])
    expect([refused, again].map(summaryOf)).to.deep.equal([
      'refused UNKNOWN_WALLET',
      'refused UNKNOWN_WALLET',
    ])
  })

  it('answers with an id that is derived from the question, keyed by the payment', async () => {
    const userId = await userWith(10n)
    const command = use(userId, randomUUID(), 1n)
    const [answer] = await service.handle(pointCommands, [command])
    expect(answer?.topic).to.equal('point-events')
    expect(Buffer.from(answer?.key ?? []).toString()).to.equal(command.subject)
    expect(answer?.headers).to.include({ ce_causationid: command.id, ce_source: 'boxoffice/point' })
  })

  it('answers a payment whose debit was discarded, at once and when it asks again, and takes nothing', async () => {
    const userId = await userWith(100n)
    const paymentId = randomUUID()
    const discarded = await discard(use(userId, paymentId, 60n), 'REFUSED')
    const again = await service.handle(pointCommands, [
      use(userId, paymentId, 60n),
      refund(userId, paymentId, 60n),
    ])
    expect([...discarded, ...again].map(summaryOf)).to.deep.equal([
      'refused DISCARDED',
      'refused DISCARDED',
      'refunded 0, balance 100',
    ])
    expect(await ledgerOf(userId)).to.deep.equal(['CHARGE 100'])
  })

  it('discards no points: a recorded debit is DONE, and its refund has to be handled', async () => {
    const userId = await userWith(100n)
    const paymentId = randomUUID()
    await service.handle(pointCommands, [use(userId, paymentId, 60n)])
    expect((await discard(use(userId, paymentId, 60n), 'DONE')).map(summaryOf)).to.deep.equal([
      'used 60, balance 40',
    ])
    for (const [command, outcome] of [
      [use(userId, paymentId, 60n), 'REFUSED'],
      [refund(userId, paymentId, 60n), 'REFUSED'],
      [refund(userId, paymentId, 60n), 'DONE'],
    ] as const) {
      expect(await discard(command, outcome).catch(String)).to.contain('contradicts what is recorded')
    }
    expect(await ledgerOf(userId)).to.deep.equal(['CHARGE 100', 'DEBIT 60'])
  })

  it('moves no point by a command that names another user or amount than its recorded payment', async () => {
    const [ada, mallory] = [await userWith(100n), await userWith(100n)]
    const [taken, tombstone, refused] = [randomUUID(), randomUUID(), randomUUID()]
    await service.handle(pointCommands, [
      use(ada, taken, 60n),
      refund(ada, tombstone, 60n),
      use(ada, refused, 1_000n),
    ])
    for (const [paymentId, amount] of [
      [taken, 60n],
      [tombstone, 60n],
      [refused, 1_000n],
    ] as const) {
      for (const command of [use, refund]) {
        for (const forged of [command(mallory, paymentId, amount), command(ada, paymentId, 1n)]) {
          const refusal = await service.handle(pointCommands, [forged]).catch((error: unknown) => error)
          expect(refusal).to.be.instanceOf(ContradictsRecordError)
          expect(await discard(forged, 'REFUSED'), 'it may be discarded, and is not answered').to.deep.equal(
            [],
          )
          expect(await discard(forged, 'DONE').catch(String)).to.contain('contradicts what is recorded')
        }
      }
    }
    expect(await ledgerOf(mallory)).to.deep.equal(['CHARGE 100'])
    expect(await ledgerOf(ada)).to.deep.equal(['CHARGE 100', 'DEBIT 60'])
  })

  it('recognises a payment in whatever case its id is written', async () => {
    const userId = await userWith(100n)
    const paymentId = randomUUID()
    await service.handle(pointCommands, [use(userId, paymentId, 60n)])
    const shouted = [use, refund].map((command) => command(userId, paymentId.toUpperCase(), 60n))
    const answers = await service.handle(pointCommands, shouted)
    expect(answers.map(summaryOf)).to.deep.equal(['used 60, balance 40', 'refunded 60, balance 100'])
    expect(await ledgerOf(userId)).to.deep.equal(['CHARGE 100', 'DEBIT 60', 'REFUND 60'])
  })

  it('guards the ledger: one debit and one refund a payment, and no balance below zero', async () => {
    const userId = await userWith(10n)
    const insert = `INSERT INTO ledger_entry (transaction_id, user_id, kind, amount, balance, payment_id)
      VALUES (gen_random_uuid(), $1, 'DEBIT', 1, 9, $2)`
    const paymentId = randomUUID()
    await query(service.database.em(), insert, [userId, paymentId])
    const twice = await query(service.database.em(), insert, [userId, paymentId]).catch(
      (error: unknown) => error,
    )
    expect(String(twice)).to.contain('ledger_entry_once')
    const below = await query(service.database.em(), `UPDATE wallet SET balance = -1 WHERE user_id = $1`, [
      userId,
    ]).catch((error: unknown) => error)
    expect(String(below)).to.contain('wallet_balance_check')
  })

  function discard(message: ReceivedMessage, outcome: DiscardOutcome): Promise<readonly OutboxMessage[]> {
    return service.database.transaction(
      async (em) => (await pointCommands.discarding.discard(em, message, outcome)).outbox,
    )
  }

  async function userWith(points: bigint): Promise<string> {
    const userId = `user-${randomUUID()}`
    await service.as(userId, ['cashier']).chargePoints({ requestId: randomUUID(), amount: points })
    return userId
  }

  async function ledgerOf(userId: string): Promise<string[]> {
    const rows = await query<{ kind: string; amount: string }>(
      service.database.em(),
      `SELECT kind, amount::text FROM ledger_entry WHERE user_id = $1 ORDER BY position`,
      [userId],
    )
    return rows.map(({ kind, amount }) => `${kind} ${amount}`)
  }
})

function use(userId: string, paymentId: string, amount: bigint) {
  return received(
    UsePointCommandSchema,
    create(UsePointCommandSchema, { paymentId, userId, amount }),
    paymentId,
  )
}

function refund(userId: string, paymentId: string, amount: bigint) {
  const body = create(RefundPointCommandSchema, { paymentId, userId, amount })
  return received(RefundPointCommandSchema, body, paymentId)
}

function summaryOf(message: OutboxMessage | undefined): string {
  const payload = message?.payload ?? new Uint8Array()
  if (message?.type === PointRefundedEventSchema.typeName) {
    const { amount, balance } = fromBinary(PointRefundedEventSchema, payload)
    return `refunded ${amount}, balance ${balance}`
  }
  const { success, amount, balance, refusal } = fromBinary(PointUsedEventSchema, payload)
  const reasons = Object.entries(PointRefusal)
  return success
    ? `used ${amount}, balance ${balance}`
    : `refused ${reasons.find(([, value]) => value === refusal)?.[0]}`
}
