import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { Concert } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import {
  type CommandLine,
  type CommandResult,
  commandLineOf,
  commandLineWithoutSystem,
} from './support/command-line.ts'
import { newConcert, present } from './support/customer.ts'
import { whilePaused } from './support/pause.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'
import { waitUntil } from './support/wait-until.ts'

/** An id that nothing has. */
const unknownId = '00000000-0000-4000-8000-000000000000'

describe('npx boxoffice', function () {
  this.timeout(120_000)
  let system: TestSystem
  let cli: CommandLine
  let concert: Concert
  let user: string
  const asUser = (...args: string[]): Promise<CommandResult> => cli.run(...args, '--user', user)
  const json = async (...args: string[]) => JSON.parse((await succeed(asUser(...args, '-o', 'json'))).stdout)
  const at = (): string[] => ['--concert', concert.concertId]

  before(async () => {
    system = await sharedSystem()
    cli = await commandLineOf(system)
  })
  beforeEach(async () => {
    concert = await newConcert(system)
    user = `cli-${randomUUID()}`
  })

  it('charges and shows the balance', async () => {
    expect((await succeed(asUser('charge', '20_000'))).stdout).to.contain('20,000 points')
    const { balance, transactions } = await json('balance')
    expect(balance).to.equal('20000')
    expect(transactions).to.have.lengthOf(1)
  })

  it('charges once for a request id, and refuses it for another amount', async () => {
    const id = ['--request-id', randomUUID()]
    await succeed(asUser('charge', '5', ...id))
    await succeed(asUser('charge', '5', ...id))
    expect((await json('balance')).balance).to.equal('5')
    const refused = await asUser('charge', '6', ...id, '-o', 'json')
    expect(refused.exitCode).to.equal(1)
    expect(refused.stdout).to.equal('')
    expect(JSON.parse(refused.stderr).error.reason).to.equal('REQUEST_ID_REUSED')
  })

  it('lists concerts and draws the seats, by default of the newest', async () => {
    const concerts = await json('concerts')
    expect(concerts[0].concertId).to.equal(concert.concertId)
    await succeed(asUser('hold', 'a-1-2', ...at()))
    const map = await succeed(asUser('seats', concert.concertId))
    expect(map.stdout).to.contain('· available 9   h held 1   X sold 0').and.to.contain('· h · ·')
    expect(await json('seats')).to.have.nested.property('concert.concertId')
    expect((await asUser('seats', randomUUID())).exitCode).to.equal(1)
  })

  it('buys and shows each step, and shows the payment afterwards', async () => {
    await succeed(asUser('charge', '1000'))
    const bought = await succeed(asUser('buy', 'A-1-1', 'A-1-2', ...at()))
    expect(bought.stdout).to.match(
      /\d+ ms {2}HELD.*\d+ ms {2}PENDING.*PROCESSING.*COMPLETED.*Bought A-1-1, A-1-2/s,
    )

    const [payment] = await json('payments', 'list')
    expect(payment).to.include({ status: 'PAYMENT_STATUS_COMPLETED', amount: '200', final: true })
    expect((await succeed(asUser('payments', 'get', payment.paymentId))).stdout).to.contain('seats sold')
    const steps = (
      await succeed(asUser('payments', 'watch', payment.paymentId, '--after', '1', '-o', 'json'))
    ).stdout
    expect(
      steps
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).sequence),
    ).to.deep.equal([2, 3])
    expect((await asUser('payments', 'cancel', payment.paymentId)).exitCode).to.equal(1)
    expect((await asUser('release', payment.reservationId)).stderr).to.contain('sold seats stay sold')
  })

  it('holds seats, pays for a hold, and releases another', async () => {
    await succeed(asUser('charge', '1000'))
    const held = await json('hold', 'A-1-1', ...at())
    const { payment, reservation } = await json('buy', '--reservation', held.reservationId)
    expect(payment.status).to.equal('PAYMENT_STATUS_COMPLETED')
    expect(reservation.reservationId).to.equal(held.reservationId)
    const other = await json('hold', 'A-1-2', ...at())
    expect((await succeed(asUser('release', other.reservationId))).stdout).to.contain('given back')
  })

  it('ends with 1 when the payment fails, and prints the reason and the next step', async () => {
    await succeed(asUser('charge', '99'))
    const failed = await asUser('buy', 'A-1-1', ...at())
    expect(failed.exitCode).to.equal(1)
    expect(failed.stdout).to.contain('FAILED')
    expect(failed.stderr).to.contain('INSUFFICIENT_POINTS').and.to.contain('no points were taken')
    expect(failed.stderr).to.contain('npx boxoffice charge 100').and.to.contain('buy --reservation')
  })

  it('reports that points came back', async () => {
    await succeed(asUser('charge', '1000'))
    const held = await json('hold', 'A-1-1', ...at())
    let buying: Promise<CommandResult> | undefined
    await whilePaused(system, 'point', async () => {
      buying = asUser('buy', '--reservation', held.reservationId)
      await waitUntil('the checkout', async () => (await json('payments', 'list')).length > 0)
      await succeed(asUser('release', held.reservationId))
    })
    const failed = present(await buying)
    expect(failed.exitCode).to.equal(1)
    expect(failed.stderr).to.contain('RELEASED').and.to.contain('100 points came back')
    expect((await json('balance')).balance).to.equal('1000')
  })

  it('cancels a pending payment, and buy gives up waiting without giving up the payment', async () => {
    await succeed(asUser('charge', '1000'))
    const points = ['point', 'point-2'].flatMap((name) => system.processes.get(name) ?? [])
    for (const process of points) process.kill('SIGSTOP')
    try {
      const waited = await asUser('buy', 'A-1-1', ...at(), '--wait', '1')
      expect(waited.exitCode).to.equal(1)
      expect(waited.stderr).to.contain('not final after 1 s').and.to.contain('payments watch')
      const [{ paymentId }] = await json('payments', 'list')
      expect((await succeed(asUser('payments', 'cancel', paymentId))).stdout).to.contain('is cancelled')
    } finally {
      for (const process of points) process.kill('SIGCONT')
    }
    const [{ paymentId }] = await json('payments', 'list')
    await succeed(asUser('payments', 'watch', paymentId, '--wait', '60'))
    expect((await json('payments', 'get', paymentId)).failureReason).to.equal('FAILURE_REASON_CANCELLED')
    expect((await json('balance')).balance).to.equal('1000')
  })

  it('sells a seat once to a rush of buyers, and never again', async () => {
    const rush = ['rush', '--seat', 'A-1-1', '--buyers', '20', ...at()]
    const result = await json(...rush)
    expect(result).to.deep.include({ sold: 1, refused: { SEAT_UNAVAILABLE: 19 }, failed: [] })
    expect((await asUser(...rush)).stderr).to.contain('SOLD already')
  })

  it('verifies the books, and says so when it cannot read them', async () => {
    const verdict = await json('verify', '--wait', '60')
    expect(verdict).to.deep.include({ ok: true, atRest: true })
    expect((await succeed(asUser('verify', '--wait', '60'))).stdout)
      .to.contain('✔')
      .and.not.to.contain('✘')
    const blind = await asUser('verify', '--point-db', 'postgres://a:b@127.0.0.1:1/x')
    expect(blind.exitCode).to.equal(1)
    expect(blind.stderr).to.contain('The point database at 127.0.0.1:1 cannot be read')
  })

  it('signs tokens, and accepts tokens', async () => {
    const { stdout } = await succeed(asUser('token', '--ttl', '60'))
    await succeed(asUser('charge', '7'))
    const balance = await succeed(cli.run('balance', '-o', 'json', '--token', stdout.trim()))
    expect(JSON.parse(balance.stdout).balance).to.equal('7')
    const refused = await cli.run('balance', '--token', 'no-token')
    expect(refused.exitCode).to.equal(1)
    expect(refused.stderr).to.contain('token')
  })

  for (const wrong of [
    [],
    ['nonsense'],
    ['charge'],
    ['charge', '0'],
    ['charge', '-5'],
    ['charge', '1e99'],
    ['hold', 'A-1-1', 'a-1-1'],
    ['buy'],
    ['buy', 'A-1-1', '--reservation', unknownId],
    ['payments'],
    ['payments', 'get', 'not-an-id'],
    ['dead-letters'],
    ['dead-letters', 'show', 'not-an-id'],
    ['dead-letters', 'list', '--reason', 'bad-luck'],
    ['dead-letters', 'redrive'],
    ['dead-letters', 'redrive', unknownId, '--all'],
    ['dead-letters', 'redrive', '--all', '--topic', 'point-events'],
    ['dead-letters', 'discard', unknownId],
    ['dead-letters', 'discard', unknownId, '--reason', 'x', '--outcome', 'maybe'],
    ['rush'],
    ['rush', '--seat', 'A-1-1', '--buyers', '0'],
    ['concerts', '-o', 'xml'],
    ['seats', '--colour'],
  ]) {
    it(`ends with 2 for ${['boxoffice', ...wrong].join(' ')}`, async () => {
      const { exitCode, stdout, stderr } = await cli.run(...wrong)
      expect(exitCode).to.equal(2)
      expect(stdout).to.equal('')
      expect(stderr).to.contain('boxoffice')
    })
  }

  for (const absent of [
    ['payments', 'get', unknownId],
    ['payments', 'watch', unknownId],
    ['payments', 'cancel', unknownId],
    ['release', unknownId],
    ['dead-letters', 'show', unknownId],
    ['dead-letters', 'redrive', unknownId],
    ['dead-letters', 'discard', unknownId, '--reason', 'a test'],
    ['balance'],
  ]) {
    it(`ends with 1 and prints a next step for ${absent.join(' ')} when that does not exist`, async () => {
      const { exitCode, stdout, stderr } = await asUser(...absent)
      expect(exitCode).to.equal(1)
      expect(stdout).to.equal('')
      expect(stderr)
        .to.match(/^error: .*\n next: /)
        .and.not.to.contain('    at ')
    })
  }

  it('shows where an error comes from with --debug', async () => {
    expect((await asUser('balance', '--debug')).stderr).to.contain('    at ')
  })

  it('says how to start the system when none runs, and which address it tried when one has stopped', async () => {
    const alone = commandLineWithoutSystem()
    for (const args of [['concerts'], ['verify'], ['token']]) {
      const { exitCode, stderr } = await alone.run(...args)
      expect(exitCode).to.equal(1)
      expect(stderr).to.contain('npm start')
    }
    const gone = await cli.run('concerts', '--reservation-address', '127.0.0.1:1')
    expect(gone.exitCode).to.equal(1)
    expect(gone.stderr).to.contain('ECONNREFUSED 127.0.0.1:1')
  })

  it('shows help on stdout and ends with 0', async () => {
    expect((await succeed(cli.run('buy', '--help'))).stdout).to.contain('$ npx boxoffice buy A-1-1')
  })

  it('colours on demand only', async () => {
    const coloured = cli.start(['concerts'], { FORCE_COLOR: '1' })
    expect((await coloured.ended).stdout).to.contain('\u001b[')
    expect((await cli.run('concerts')).stdout).not.to.contain('\u001b[')
  })

  it('ends without a message when its reader closes the pipe', async () => {
    const { child, ended } = cli.start(['seats', concert.concertId])
    child.stdout?.destroy()
    const { exitCode, stderr } = await ended
    // As SIGPIPE ends a program: 128 + 13.
    expect(exitCode).to.equal(141)
    expect(stderr).to.equal('')
  })

  it('ends with 130 on Ctrl-C, without a stack trace', async () => {
    await succeed(asUser('charge', '1000'))
    const points = ['point', 'point-2'].flatMap((name) => system.processes.get(name) ?? [])
    for (const process of points) process.kill('SIGSTOP')
    try {
      const { child, ended } = cli.start(['buy', 'A-1-1', ...at(), '--user', user])
      while (!String(await once(child.stdout as NodeJS.ReadableStream, 'data')).includes('PENDING'));
      child.kill('SIGINT')
      const { exitCode, stderr } = await ended
      expect(exitCode).to.equal(130)
      expect(stderr).not.to.contain('    at ')
    } finally {
      for (const process of points) process.kill('SIGCONT')
    }
  })
})

async function succeed(running: Promise<CommandResult>): Promise<CommandResult> {
  const ended = await running
  expect(ended.exitCode, ended.stderr).to.equal(0)
  return ended
}
