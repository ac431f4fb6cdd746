import { Command, Option } from 'commander'
import { integer } from '../../integer-option.ts'
import { keepBuying, type LoadResult } from '../keep-buying.ts'
import { latencyOf, latencyText } from '../latency.ts'
import { examples, runCommand } from '../run-command.ts'
import type { Session } from '../session.ts'
import { pairs } from '../table.ts'

interface LoadOptions {
  readonly rate: number
  readonly minutes: number
}

/** `load`: keeps traffic flowing. */
export function loadCommand(signal: AbortSignal): Command {
  return new Command('load')
    .description(
      'Keeps new users buying at a steady rate, so that there is something to see; one in ten goes wrong on purpose.',
    )
    .addOption(new Option('--rate <n>', 'checkouts a second').argParser(integer(1, 200)).default(5))
    .addOption(new Option('--minutes <m>', 'how long').argParser(integer(1, 1_440)).default(10))
    .addHelpText('after', examples('load', 'load --rate 20 --minutes 2', 'load --minutes 1 -o json'))
    .action(runCommand(signal, load))
}

async function load(session: Session, { rate, minutes }: LoadOptions): Promise<void> {
  const result = await keepBuying(session, { rate, durationMs: minutes * 60_000 })
  session.output.result({
    json: () => ({ ...result, checkoutMs: latencyOf(result.checkoutMs) }),
    table: () => textOf(result),
  })
}

function textOf({ accepted, refused, failed, skipped, checkoutMs }: LoadResult): string {
  return pairs([
    ['accepted', `${accepted} checkouts`],
    ...Object.entries(refused).map(([reason, count]): [string, string] => ['refused', `${count} ${reason}`]),
    ...(failed > 0 ? [['unanswered', `${failed}`] as [string, string]] : []),
    ...(skipped > 0 ? [['skipped', `${skipped}, because too many were waiting`] as [string, string]] : []),
    ['checkout', latencyText(latencyOf(checkoutMs))],
  ])
}
