import { randomUUID } from 'node:crypto'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import { createTestDatabase, type TestDatabase } from '@boxoffice/common/testing/database.ts'
import { expect } from 'chai'
import pg from 'pg'
import { migrations as paymentMigrations } from '../../services/payment/src/storage/migrations.ts'
import { CreateWallets } from '../../services/point/src/storage/migrations/0001-create-wallets.ts'
import { migrations as reservationMigrations } from '../../services/reservation/src/storage/migrations.ts'
import { UnreadableError } from './sources.ts'
import { type Sources, verify, verifyWhenAtRest } from './verify.ts'

const deadLetter = `
  INSERT INTO dead_letter (dead_letter_id, consumer, message_id, topic, partition, "offset", key, headers, reason, error,
                           attempts)
    VALUES (gen_random_uuid(), 'point', gen_random_uuid(), 'point-commands', 0, 0, 'ada', '[]', 'NULL_VALUE', 'null', 1)`

const services = ['payment', 'point', 'reservation'] as const
type Service = (typeof services)[number]

describe('verify', () => {
  const open: Record<Service, () => Promise<TestDatabase>> = {
    payment: () => createTestDatabase({ entities: [], migrations: paymentMigrations }),
    point: () => createTestDatabase({ entities: [], migrations: [CreateWallets] }),
    reservation: () => createTestDatabase({ entities: [], migrations: reservationMigrations }),
  }
  /** As after the sale of a ticket. A test changes one, and that is made again; the others serve the next test too. */
  const databases = new Map<Service, TestDatabase>()
  const changed = new Set<Service>()
  let sources: Sources

  beforeEach(async () => {
    for (const service of services) {
      if (databases.has(service)) continue
      databases.set(service, await open[service]())
      await sql(service, soldTicket[service])
    }
    changed.clear()
    sources = {
      paymentDb: urlOf('payment'),
      pointDb: urlOf('point'),
      reservationDb: urlOf('reservation'),
    }
  })
  afterEach(async () => {
    for (const service of changed) await drop(service)
  })
  after(async () => {
    for (const service of databases.keys()) await drop(service)
  })

  it('finds nothing wrong with a ticket that was sold', async () => {
    const verdict = await verifyWhenAtRest(sources, { waitMs: 0 })
    expect(verdict.results.filter(({ ok }) => !ok)).to.deep.equal([])
    expect(verdict.atRest).to.equal(true)
    expect(verdict.results).to.have.lengthOf(12)
  })

  it('asks again what cannot be read for a moment, and gives up on what stays so or is out of time', async () => {
    const moving = new UnreadableError('Kafka', new Error('a leader moves'), true)
    const refused = new UnreadableError('Kafka', new Error('connection refused'))
    let reads = 0
    const busy: (readonly string[])[] = []
    const read = async (): Promise<never> => {
      throw [moving, moving][reads++] ?? refused
    }
    const waiting = verifyWhenAtRest(sources, { waitMs: 60_000, read, onBusy: (found) => busy.push(found) })
    expect(await waiting.catch((error: unknown) => error)).to.equal(refused)
    expect(busy).to.deep.equal([[moving.message], [moving.message]])
    reads = 0
    const late = verifyWhenAtRest(sources, { waitMs: 0, read })
    expect(await late.catch((error: unknown) => error)).to.equal(moving)
  })

  it('skips invariants that hold only at rest while work is in progress, and names that work', async () => {
    await sql('payment', acceptPayment(randomUUID()))
    const verdict = await verifyWhenAtRest(sources, { waitMs: 0 })
    expect(verdict.atRest).to.equal(false)
    expect(verdict.underWay).to.deep.equal(['1 payment not final'])
    const skipped = verdict.results.filter((result) => result.skipped !== undefined)
    expect(skipped.map(({ id }) => id)).to.deep.equal([
      'points-conserved',
      'sold-exactly-if-paid',
      'nothing-left-behind',
    ])
    expect(verdict.results.every(({ ok }) => ok)).to.equal(true)
  })

  /** The defects: each breaks the books in one way, and names the invariants that must notice. */
  const defects: readonly { what: string; in: Service; sql: string; broken: string[] }[] = [
    {
      what: 'points that appear from nowhere',
      in: 'point',
      sql: 'UPDATE wallet SET balance = balance + 1',
      broken: ['points-conserved', 'ledger-explains-balances'],
    },
    {
      what: 'a balance below zero',
      in: 'point',
      sql: `ALTER TABLE wallet DROP CONSTRAINT wallet_balance_check; UPDATE wallet SET balance = -1`,
      broken: ['points-conserved', 'ledger-explains-balances', 'balances-not-negative'],
    },
    {
      what: 'a completed payment without a debit',
      in: 'point',
      sql: `DELETE FROM ledger_entry WHERE kind = 'DEBIT'; DELETE FROM debit; UPDATE wallet SET balance = 1000`,
      broken: ['points-conserved', 'completed-is-debited-and-sold'],
    },
    {
      what: 'a refund of a completed payment',
      in: 'point',
      sql: `INSERT INTO ledger_entry (transaction_id, user_id, kind, amount, balance, payment_id)
              SELECT gen_random_uuid(), user_id, 'REFUND', amount, balance + amount, payment_id
              FROM ledger_entry WHERE kind = 'DEBIT';
            UPDATE wallet SET balance = 1000; UPDATE debit SET refunded = amount`,
      broken: ['points-conserved', 'refunded-is-failed'],
    },
    {
      what: 'a debit that was decided and not done',
      in: 'point',
      sql: `INSERT INTO debit (payment_id, user_id, amount) VALUES (gen_random_uuid(), 'ada', 5)`,
      broken: ['ledger-explains-balances'],
    },
    {
      what: 'a charge without a request',
      in: 'point',
      sql: 'DELETE FROM request',
      broken: ['one-request-one-effect'],
    },
    {
      what: 'a completed payment without a sale',
      in: 'reservation',
      sql: `DELETE FROM sale; DELETE FROM confirmation; UPDATE seat SET sold = false;
            UPDATE reservation SET state = 'RELEASED', payment_id = NULL`,
      broken: ['sold-exactly-if-paid', 'completed-is-debited-and-sold'],
    },
    {
      what: 'a seat that is marked as sold without a sale',
      in: 'reservation',
      sql: 'DELETE FROM sale',
      broken: ['sold-exactly-if-paid', 'one-holder-per-seat', 'completed-is-debited-and-sold'],
    },
    {
      what: 'two live holds of a seat',
      in: 'reservation',
      sql: `INSERT INTO reservation (reservation_id, user_id, concert_id, seats, total_price, state, held_until, version,
                                     created_at)
              SELECT gen_random_uuid(), 'bob', concert_id, seats, total_price, 'HELD', now() + interval '1 minute', 1,
                now() FROM reservation;
            INSERT INTO request (subject, method, request_id, fingerprint, resource_id)
              SELECT 'bob', 'HoldSeats', gen_random_uuid(), '', reservation_id FROM reservation WHERE user_id = 'bob'`,
      broken: ['one-holder-per-seat'],
    },
    {
      what: 'a sale to a payment that failed',
      in: 'payment',
      sql: `UPDATE payment SET status = 'FAILED', failure_reason = 'TIMED_OUT', refund = 'DONE', seats = 'UNKNOWN'`,
      broken: ['points-conserved', 'sold-exactly-if-paid', 'sold-is-being-paid', 'history-is-a-path'],
    },
    {
      what: 'a gap in a history',
      in: 'payment',
      sql: 'DELETE FROM payment_transition WHERE sequence = 2',
      broken: ['history-is-a-path'],
    },
    {
      what: 'a final state that changed',
      in: 'payment',
      sql: `INSERT INTO payment_transition
              SELECT payment_id, 4, 'FAILED', 'TIMED_OUT', 'DONE', now() FROM payment;
            UPDATE payment SET sequence = 4`,
      broken: ['history-is-a-path'],
    },
    {
      what: 'a message that Kafka refused',
      in: 'payment',
      sql: `INSERT INTO parked_outbox (id, message_id, topic, type, headers, created_at, error)
              VALUES (1, gen_random_uuid(), 'point-commands', 'a.Type', '{}', now(), 'too large')`,
      broken: ['nothing-left-behind'],
    },
    {
      what: 'a key that is parked without a dead letter',
      in: 'point',
      sql: `INSERT INTO parked_key (consumer, topic, key_hash, key) VALUES ('point', 'point-commands', sha256('ada'), 'ada')`,
      broken: ['nothing-left-behind'],
    },
    {
      what: 'a dead letter whose key is not parked',
      in: 'point',
      sql: deadLetter,
      broken: ['nothing-left-behind'],
    },
  ]
  for (const defect of defects) {
    it(`notices ${defect.what}`, async () => {
      await sql(defect.in, defect.sql)
      const broken = (await verify(sources, { atRest: true })).filter(({ ok }) => !ok)
      expect(broken.map(({ id }) => id)).to.deep.equal(defect.broken)
      for (const { counterexamples } of broken) expect(counterexamples).not.to.be.empty
    })
  }

  it('reports dead letters and parked keys, but not as faults', async () => {
    await sql('point', deadLetter)
    await sql(
      'point',
      `INSERT INTO parked_key (consumer, topic, key_hash, key) VALUES ('point', 'point-commands', sha256('ada'), 'ada')`,
    )
    const verdict = await verifyWhenAtRest(sources, { waitMs: 0 })
    expect(verdict.results.filter(({ ok }) => !ok)).to.deep.equal([])
    expect(verdict.deadLetters).to.have.lengthOf(1)
    expect(verdict.parkedKeys).to.have.lengthOf(1)
    expect(verdict.parkedKeys[0]).to.match(/^point: key ada of topic point-commands .*: 1 put aside$/)
  })

  it('reports an open payment of a system at rest as a fault', async () => {
    await sql('payment', acceptPayment(randomUUID()))
    const broken = (await verify(sources, { atRest: true })).filter(({ ok }) => !ok)
    expect(broken.map(({ id }) => id)).to.deep.equal(['payments-final'])
  })

  it('reports a long overdue payment of a system under traffic as a fault', async () => {
    await sql('payment', acceptPayment(randomUUID()))
    await sql(
      'payment',
      `UPDATE payment SET deadline = now() - interval '5 minutes',
                            updated_at = now() - interval '5 minutes' WHERE status = 'PENDING'`,
    )
    const { results } = await verifyWhenAtRest(sources, { waitMs: 0 })
    expect(results.filter(({ ok }) => !ok).map(({ id }) => id)).to.deep.equal(['payments-final'])
  })

  async function sql(service: Service, text: string): Promise<void> {
    changed.add(service)
    const client = new (clientOf({ url: urlOf(service) }, pg.Client))()
    await client.connect()
    await client.query(text).finally(() => client.end())
  }

  function urlOf(service: Service): string {
    const database = databases.get(service)
    if (database === undefined) throw new Error(`there is no database of ${service}`)
    return database.url
  }

  async function drop(service: Service): Promise<void> {
    const database = databases.get(service)
    databases.delete(service)
    await database?.drop()
  }
})

const ids = {
  payment: randomUUID(),
  reservation: randomUUID(),
  concert: randomUUID(),
  charge: randomUUID(),
}

/** The content of the three databases after ada has charged 1000 points and bought a seat for 100. */
const soldTicket = {
  payment: `
    INSERT INTO payment (payment_id, user_id, reservation_id, amount, points, seats, refund, status, sequence, deadline)
      VALUES ('${ids.payment}', 'ada', '${ids.reservation}', 100, 'TAKEN', 'SOLD', 'NONE', 'COMPLETED', 3, now());
    INSERT INTO payment_transition (payment_id, sequence, status, refund, occurred_at) VALUES
      ('${ids.payment}', 1, 'PENDING', 'NONE', now()), ('${ids.payment}', 2, 'PROCESSING', 'NONE', now()),
      ('${ids.payment}', 3, 'COMPLETED', 'NONE', now())`,
  point: `
    INSERT INTO wallet VALUES ('ada', 900);
    INSERT INTO request (subject, method, request_id, fingerprint, resource_id)
      VALUES ('ada', 'ChargePoints', gen_random_uuid(), '', '${ids.charge}');
    INSERT INTO ledger_entry (transaction_id, user_id, kind, amount, balance, payment_id) VALUES
      ('${ids.charge}', 'ada', 'CHARGE', 1000, 1000, NULL),
      (gen_random_uuid(), 'ada', 'DEBIT', 100, 900, '${ids.payment}');
    INSERT INTO debit (payment_id, user_id, amount) VALUES ('${ids.payment}', 'ada', 100)`,
  reservation: `
    INSERT INTO concert (concert_id, title, start_time, sections, seats_total, seats_per_user_max)
      VALUES ('${ids.concert}', 'A concert', now(), '[]', 1, 8);
    INSERT INTO reservation (reservation_id, user_id, concert_id, seats, total_price, state, held_until, payment_id,
                             version, created_at)
      VALUES ('${ids.reservation}', 'ada', '${ids.concert}', '{A-1-1}', 100, 'SOLD', now(), '${ids.payment}', 2, now());
    INSERT INTO request (subject, method, request_id, fingerprint, resource_id)
      VALUES ('ada', 'HoldSeats', gen_random_uuid(), '', '${ids.reservation}');
    INSERT INTO seat (concert_id, seat, position, price, reservation_id, held_until, sold)
      VALUES ('${ids.concert}', 'A-1-1', 1, 100, '${ids.reservation}', now(), true);
    INSERT INTO sale (concert_id, seat, reservation_id, payment_id)
      VALUES ('${ids.concert}', 'A-1-1', '${ids.reservation}', '${ids.payment}');
    INSERT INTO confirmation (payment_id, reservation_id, decided_at)
      VALUES ('${ids.payment}', '${ids.reservation}', now())`,
} as const

function acceptPayment(paymentId: string): string {
  return `
    INSERT INTO payment (payment_id, user_id, reservation_id, amount, points, seats, refund, status, sequence, deadline)
      VALUES ('${paymentId}', 'bob', gen_random_uuid(), 100, 'UNKNOWN', 'UNKNOWN', 'NONE', 'PENDING', 1,
        now() + interval '1 minute');
    INSERT INTO payment_transition (payment_id, sequence, status, refund, occurred_at)
      VALUES ('${paymentId}', 1, 'PENDING', 'NONE', now())`
}
