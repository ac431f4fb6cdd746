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

/** `restore`: brings a database from a backup up to date with what its service has published since. */
export function restoreCommand(signal: AbortSignal): Command {
  return new Command('restore')
    .description(
      'Brings a database from an older backup up to date with what its service has published since, and lets the service read its inputs again. Until it is done the service answers UNAVAILABLE.',
    )
    .addOption(
      new Option('--service <name>', 'the service that owns the database')
        .choices(consumerNames)
        .makeOptionMandatory(),
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
      'restore even if records of that time may have left retention: their content stays missing',
    )
    .addOption(requestIdOption())
    .addHelpText('after', before)
    .addHelpText('after', examples('restore --service point --from 2026-11-23T13:59:00Z'))
    .action(runCommand(signal, restore))
}

const before = `
Before you put the database in place, make it read-only for its service. Otherwise the service decides without what it has lost:
  ALTER ROLE point IN DATABASE point_from_backup SET default_transaction_read_only = on;
The restore removes this setting when it is done. If it is interrupted, run the same command again: it continues.

It refuses a time after everything that the database knows, and a time since which records may have left retention.`

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
    output.note('The restore continues by itself. To follow it to the end, run the same command again with')
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
