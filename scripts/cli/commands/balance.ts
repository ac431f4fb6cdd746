import {
  type PointTransaction,
  PointTransactionKind,
  PointTransactionKindSchema,
  PointTransactionSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { Command, Option } from 'commander'
import { integer } from '../../integer-option.ts'
import { enumName } from '../enum-name.ts'
import { jsonOf } from '../output.ts'
import { examples, runCommand } from '../run-command.ts'
import type { Session } from '../session.ts'
import { type Column, table } from '../table.ts'
import { pointsText, timeText } from '../text.ts'

/** `balance`: the wallet and its latest transactions. */
export function balanceCommand(signal: AbortSignal): Command {
  return new Command('balance')
    .description('Shows your points and the latest rows of your ledger.')
    .addOption(new Option('--limit <rows>', 'rows of the ledger').argParser(integer(0, 200)).default(10))
    .addHelpText('after', examples('balance', 'balance --user alice --limit 50', 'balance -o json'))
    .action(runCommand(signal, balance))
}

async function balance(session: Session, { limit }: { readonly limit: number }): Promise<void> {
  const { output, signal, user } = session
  const wallet = await session.point().getBalance({}, { signal })
  const rows =
    limit === 0
      ? []
      : (await session.point().listPointTransactions({ pageSize: limit }, { signal })).transactions
  output.result({
    json: () => ({
      balance: wallet.balance.toString(),
      transactions: rows.map((row) => jsonOf(PointTransactionSchema, row)),
    }),
    table: () => {
      const line = `${user} has ${output.paint('bold', pointsText(wallet.balance))}.`
      return rows.length === 0
        ? line
        : `${line}\n\n${table(rows, columns, (text) => output.paint('dim', text))}`
    },
  })
}

const columns: readonly Column<PointTransaction>[] = [
  { title: 'TIME', value: ({ time }) => timeText(time) },
  { title: 'KIND', value: ({ kind }) => enumName(PointTransactionKindSchema, kind) },
  {
    title: 'POINTS',
    value: ({ kind, amount }) =>
      `${kind === PointTransactionKind.DEBIT ? '−' : '+'}${amount.toLocaleString('en-US')}`,
    right: true,
  },
  { title: 'BALANCE', value: (row) => row.balance.toLocaleString('en-US'), right: true },
  { title: 'PAYMENT', value: ({ paymentId }) => paymentId },
]
