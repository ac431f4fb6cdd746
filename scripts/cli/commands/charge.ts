import { ChargePointsResponseSchema } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { Argument, Command } from 'commander'
import { points, requestIdOption } from '../arguments.ts'
import { jsonOf } from '../output.ts'
import { repeatable } from '../repeatable.ts'
import { examples, runCommand } from '../run-command.ts'
import type { Session } from '../session.ts'
import { pointsText } from '../text.ts'

/** `charge`: adds points to the wallet. */
export function chargeCommand(signal: AbortSignal): Command {
  return new Command('charge')
    .description('Adds points to your wallet; the first charge creates it.')
    .addArgument(new Argument('<amount>', 'points').argParser(points))
    .addOption(requestIdOption())
    .addHelpText('after', examples('charge 20000', 'charge 20000 --user alice'))
    .action(runCommand(signal, charge))
}

async function charge(
  session: Session,
  { requestId }: { readonly requestId: string },
  amount: bigint,
): Promise<void> {
  const charged = await repeatable(requestId, () =>
    session.point().chargePoints({ requestId, amount }, { signal: session.signal }),
  )
  session.output.result({
    json: () => jsonOf(ChargePointsResponseSchema, charged),
    table: () => `Charged ${pointsText(amount)}: ${session.user} has ${pointsText(charged.balance)}.`,
  })
}
