import {
  FailureReasonSchema,
  type Payment,
  PaymentSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { Command, Option } from 'commander'
import { integer } from '../../../integer-option.ts'
import { enumName } from '../../enum-name.ts'
import { jsonOf } from '../../output.ts'
import { examples, runCommand } from '../../run-command.ts'
import { msBetween, statusText } from '../../saga-words.ts'
import type { Session } from '../../session.ts'
import { table } from '../../table.ts'
import { timeText } from '../../text.ts'

/** `payments list`: the newest payments of the user. */
export function listPaymentsCommand(signal: AbortSignal): Command {
  return new Command('list')
    .description('Lists your payments, newest first.')
    .addOption(
      new Option('--limit <payments>', 'at most this many').argParser(integer(1, 100_000)).default(20),
    )
    .addHelpText('after', examples('payments list', 'payments list --user alice --limit 100 -o json'))
    .action(runCommand(signal, listPayments))
}

async function listPayments(session: Session, { limit }: { readonly limit: number }): Promise<void> {
  const { output } = session
  const found: Payment[] = []
  let pageToken = ''
  do {
    const request = { pageSize: Math.min(200, limit - found.length), pageToken }
    const page = await session.payment().listPayments(request, { signal: session.signal })
    found.push(...page.payments)
    pageToken = page.nextPageToken
  } while (pageToken !== '' && found.length < limit)
  output.result({
    json: () => found.map((payment) => jsonOf(PaymentSchema, payment)),
    table: () => (found.length === 0 ? `${session.user} has no payments yet.` : listText(found, session)),
  })
}

function listText(payments: readonly Payment[], { output }: Session): string {
  return table(
    payments,
    [
      { title: 'PAYMENT', value: ({ paymentId }) => paymentId },
      { title: 'ACCEPTED', value: ({ createTime }) => timeText(createTime) },
      { title: 'POINTS', value: ({ amount }) => amount.toLocaleString('en-US'), right: true },
      { title: 'STATUS', value: ({ status }) => statusText(status, output.paint) },
      { title: 'TOOK', value: tookText, right: true },
      {
        title: 'WHY',
        value: ({ failureReason }) =>
          failureReason === 0 ? '' : enumName(FailureReasonSchema, failureReason),
      },
    ],
    (titles) => output.paint('dim', titles),
  )
}

function tookText({ final, transitions }: Payment): string {
  return final ? `${msBetween(transitions[0], transitions.at(-1))} ms` : 'under way'
}
