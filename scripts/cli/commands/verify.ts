import { Command, Option } from 'commander'
import { integer } from '../../integer-option.ts'
import { logsDir, stateDir } from '../../platform/paths.ts'
import type { InvariantResult, Sources, Verdict } from '../../verify/verify.ts'
import { addresses } from '../arguments.ts'
import { Failure } from '../failure.ts'
import type { Output } from '../output.ts'
import { examples, runCommand } from '../run-command.ts'
import { notRunning, type Session } from '../session.ts'
import { table } from '../table.ts'

interface VerifyOptions {
  readonly wait: number
  readonly paymentDb?: string
  readonly pointDb?: string
  readonly reservationDb?: string
  readonly brokers?: readonly string[]
}

/** `verify`: checks the invariants against the live databases. */
export function verifyCommand(signal: AbortSignal): Command {
  return new Command('verify')
    .description('Checks the invariants against the live databases: money, seats, histories, queues.')
    .addOption(
      new Option('--wait <seconds>', 'how long to wait for checkouts that are under way')
        .argParser(integer(0, 3_600))
        .default(15),
    )
    .addOption(databaseOption('payment', 'BOXOFFICE_PAYMENT_DATABASE_URL'))
    .addOption(databaseOption('point', 'BOXOFFICE_POINT_DATABASE_URL'))
    .addOption(databaseOption('reservation', 'BOXOFFICE_RESERVATION_DATABASE_URL'))
    .addOption(
      new Option('--brokers <host:port,…>', 'Kafka, to see how far consumers have read')
        .argParser(addresses)
        .env('BOXOFFICE_KAFKA_BROKERS'),
    )
    .addHelpText('after', examples('verify', 'verify --wait 0', 'verify -o json'))
    .action(runCommand(signal, verifyBooks))
}

function databaseOption(service: string, variable: string): Option {
  return new Option(`--${service}-db <url>`, `the ${service} database`).env(variable)
}

async function verifyBooks(session: Session, options: VerifyOptions): Promise<void> {
  const { output } = session
  // PostgreSQL and Kafka clients take a while to load, and no other command needs them.
  const { verifyWhenAtRest } = await import('../../verify/verify.ts')
  let lastText = ''
  const verdict = await verifyWhenAtRest(sourcesOf(session, options), {
    waitMs: options.wait * 1000,
    signal: session.signal,
    onBusy(busy) {
      const text = busy.join(', ')
      if (lastText === '') output.note('waiting until nothing is under way …')
      if (text !== lastText) output.note(`  ${text}`)
      lastText = text
    },
  })
  const broken = verdict.results.filter(({ ok }) => !ok)
  output.result({
    json: () => ({ ok: broken.length === 0, ...verdict }),
    table: () => verdictText(verdict, output),
  })
  if (broken.length > 0) {
    throw new Failure(
      'INVARIANT_BROKEN',
      `${broken.length} of ${verdict.results.length} invariants are broken`,
      {
        next: [`the payments' histories and the services' logs in ${logsDir(stateDir)} show more`],
      },
    )
  }
}

function sourcesOf({ run }: Session, options: VerifyOptions): Sources {
  const paymentDb = options.paymentDb ?? run?.services.payment.databaseUrl
  const pointDb = options.pointDb ?? run?.services.point.databaseUrl
  const reservationDb = options.reservationDb ?? run?.services.reservation.databaseUrl
  if (paymentDb === undefined || pointDb === undefined || reservationDb === undefined) throw notRunning()
  const kafka = options.brokers ? { brokers: options.brokers } : run?.kafka
  return { paymentDb, pointDb, reservationDb, ...(kafka ? { kafka } : {}) }
}

function verdictText(
  { atRest, underWay, results, deadLetters, parkedKeys }: Verdict,
  output: Output,
): string {
  const lines = [
    table(
      results,
      [
        { title: '', value: (result) => mark(result, output) },
        { title: 'INVARIANT', value: ({ invariant }) => invariant },
        {
          title: '',
          value: ({ details, skipped }) => (skipped === undefined ? details : `skipped: ${skipped}`),
        },
      ],
      (titles) => output.paint('dim', titles),
    ),
  ]
  for (const { ok, invariant, counterexamples } of results) {
    if (ok) continue
    lines.push('', output.paint('red', `✘ ${invariant}`), ...counterexamples.map((text) => `    ${text}`))
  }
  lines.push(...listText('dead letters: npx boxoffice dead-letters list', deadLetters))
  lines.push(...listText('parked keys', parkedKeys))
  const skipped = results.filter((result) => result.skipped !== undefined).length
  lines.push(
    '',
    atRest
      ? 'At rest: everything was checked.'
      : `Not at rest (${underWay.join(', ')}): ${skipped} of ${results.length} could not be judged.`,
  )
  return lines.join('\n')
}

function listText(title: string, texts: readonly string[]): string[] {
  if (texts.length === 0) return []
  const shown = texts.slice(0, 20).map((text) => `    ${text}`)
  const more = texts.length > 20 ? [`    … and ${texts.length - 20} more`] : []
  return ['', `${texts.length} ${title}`, ...shown, ...more]
}

function mark({ ok, skipped }: InvariantResult, { paint }: Output): string {
  if (skipped !== undefined) return paint('yellow', '–')
  return ok ? paint('green', '✔') : paint('red', '✘')
}
