import { ReplaySchema, ReplayService } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { RestorePhase, RestoreSchema } from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { Command, Option } from 'commander'
import type { ServiceName } from '../../platform/databases.ts'
import { consumerNames, requestIdOption, time } from '../arguments.ts'
import { followReplay, presentReplay } from '../follow-replay.ts'
import { followRestore } from '../follow-restore.ts'
import { jsonOf } from '../output.ts'
import { examples, runCommand } from '../run-command.ts'
import type { Session } from '../session.ts'
import { receiptText as replayReceiptText } from './replay/replay-text.ts'
import { receiptText } from './restore/restore-text.ts'

interface RestoreOptions {
  readonly service: ServiceName
  readonly from: Date
  readonly acceptGone?: boolean
  readonly requestId: string
}

/** `restore`: brings a database that came back from a backup up to what its service has published. */
export function restoreCommand(signal: AbortSignal): Command {
  return new Command('restore')
    .description(
      'Brings a database that came back from an older backup up to what its service has published since, and lets the service read its inputs again. Meanwhile the service answers with UNAVAILABLE.',
    )
    .addOption(
      new Option('--service <name>', 'whose database it is').choices(consumerNames).makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--from <time>',
        'a minute before the backup was taken, or earlier (2026-11-23T13:59:00Z; local time without the Z)',
      )
        .argParser(time)
        .makeOptionMandatory(),
    )
    .option(
      '--accept-gone',
      'restore though records of that time may have left retention: what they told stays missing',
    )
    .addOption(requestIdOption())
    .addHelpText('after', before)
    .addHelpText('after', examples('restore --service point --from 2026-11-23T13:59:00Z'))
    .action(runCommand(signal, restore))
}

const before = `
Before the database is put in its place, keep its service out of it, or it decides on what it does not know any more:
  ALTER ROLE point IN DATABASE point_from_backup SET default_transaction_read_only = on;
The restore takes that away when it is done. Cut short anywhere, it goes on when the same command is run again.

Refused are a time after all that the database knows, and one from which records may have left retention already.`

async function restore(session: Session, options: RestoreOptions): Promise<void> {
  const { output } = session
  const { service, from, acceptGone = false, requestId } = options
  const restored = await followRestore(session, service, {
    requestId,
    from: timestampFromDate(from),
    acceptGone,
  })
  if (restored.phase !== RestorePhase.DONE) {
    output.result({
      json: () => ({ restore: jsonOf(RestoreSchema, restored) }),
      table: () => receiptText(restored, output),
    })
    output.note('The restore goes on by itself. To see it through, run the same command again with')
    output.note(`  --request-id ${requestId}`)
    return
  }
  const { replayId } = restored
  const begun = await session.operator(ReplayService, service).getReplay({ replayId })
  const replay = await followReplay(session, service, presentReplay(begun.replay))
  output.result({
    json: () => ({ restore: jsonOf(RestoreSchema, restored), replay: jsonOf(ReplaySchema, replay) }),
    table: () => `${receiptText(restored, output)}\n\n${replayReceiptText(replay, output)}`,
  })
}
