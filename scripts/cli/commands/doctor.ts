import type { Finding } from '@boxoffice/common/doctor/finding.ts'
import { Command, Option } from 'commander'
import { integer } from '../../integer-option.ts'
import { Failure } from '../failure.ts'
import type { Output } from '../output.ts'
import { examples, runCommand } from '../run-command.ts'
import type { Session } from '../session.ts'

interface DoctorOptions {
  readonly brokers?: string
  readonly databaseUrl?: string
  readonly replicationFactor?: number
  readonly portBase?: number
}

/** `doctor`: examines what a start would find, or the servers of a running system. */
export function doctorCommand(signal: AbortSignal): Command {
  return new Command('doctor')
    .description(
      'Examines folders, ports, Kafka and its topics, and PostgreSQL. Reports for each what it found, what is needed and what to do.',
    )
    .addOption(
      new Option('--brokers <host:port,…>', 'your own Kafka, instead of the one that runs here').env(
        'KAFKA_BROKERS',
      ),
    )
    .addOption(new Option('--database-url <url>', 'superuser URL of your own PostgreSQL').env('DATABASE_URL'))
    .addOption(
      new Option('--replication-factor <n>', 'copies of each record, for development on fewer brokers')
        .argParser(integer(1, 15))
        .env('KAFKA_REPLICATION_FACTOR'),
    )
    .addOption(
      new Option('--port-base <port>', 'as in npm start -- --port-base').argParser(integer(1024, 60_000)),
    )
    .addHelpText('after', examples('doctor', 'doctor --brokers localhost:9092', 'doctor -o json'))
    .action(runCommand(signal, examineAll))
}

async function examineAll({ output, run }: Session, options: DoctorOptions): Promise<void> {
  // Clients of Kafka and PostgreSQL take a while to load, and few commands need them.
  const { examine } = await import('../../doctor/examine.ts')
  const findings = await examine(run, options)
  const problems = findings.filter(({ severity }) => severity === 'problem')
  output.result({
    json: () => ({ ok: problems.length === 0, findings }),
    table: () => findings.map((finding) => lineOf(finding, output)).join('\n'),
  })
  if (problems.length === 0) return
  const count = problems.length === 1 ? '1 thing is' : `${problems.length} things are`
  throw new Failure('DOCTOR_FOUND', `${count} in the way`, {
    next: ['follow the advice beside each ✘, then run npx boxoffice doctor again'],
  })
}

function lineOf({ severity, found, needed, advice }: Finding, { paint }: Output): string {
  const mark = { fine: paint('green', '✔'), warning: paint('yellow', '!'), problem: paint('red', '✘') }[
    severity
  ]
  return `${mark} ${[found, needed, advice].filter((sentence) => sentence !== '').join(' ')}`
}
