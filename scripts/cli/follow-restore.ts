import { pause } from '@boxoffice/pacing'
import {
  type Restore,
  RestorePhase,
  RestoreService,
  type StartRestoreRequestSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ServiceName } from '../platform/databases.ts'
import { Failure } from './failure.ts'
import { createProgressBar, type ProgressBar } from './progress-bar.ts'
import { repeatable } from './repeatable.ts'
import type { Session } from './session.ts'
import { unlessAway } from './unless-away.ts'

const pollMs = 200

/**
 * Asks for a restore again and again, with a progress bar, until it is done, or until Ctrl-C: the restore itself
 * continues. If the replica that works on it dies, the next request lets another replica continue.
 *
 * @returns the last known state of the restore
 * @throws Failure if the restore is stuck
 */
export async function followRestore(
  session: Session,
  service: ServiceName,
  request: MessageInitShape<typeof StartRestoreRequestSchema> & { readonly requestId: string },
): Promise<Restore> {
  const restores = session.operator(RestoreService, service)
  const ask = async (): Promise<Restore> => presentRestore((await restores.startRestore(request)).restore)
  // Ctrl-C waits for this answer, which confirms that the restore has begun.
  let restore = await repeatable(request.requestId, ask)
  const show = showOn(createProgressBar())
  try {
    while (restore.phase !== RestorePhase.DONE && !session.signal.aborted) {
      if (restore.error !== '') throw stuck(service, restore)
      show.state(restore)
      await pause(pollMs, session.signal)
      restore = (await unlessAway(ask)) ?? restore
    }
  } finally {
    show.end()
  }
  return restore
}

function showOn(bar: ProgressBar) {
  let shown: RestorePhase | undefined
  return {
    state(restore: Restore): void {
      const isReading = restore.phase === RestorePhase.READING
      const total = Number(isReading ? restore.records : restore.facts)
      if (shown !== restore.phase) bar.begin(isReading ? 'read' : 'apply', total)
      shown = restore.phase
      bar.reach(Number(isReading ? restore.recordsRead : restore.factsApplied + restore.factsKnown))
    },
    end: () => bar.end(),
  }
}

function presentRestore(restore: Restore | undefined): Restore {
  if (restore === undefined) throw new Error('the answer holds no restore')
  return restore
}

function stuck(service: ServiceName, { error }: Restore): Failure {
  return new Failure('RESTORE_STUCK', `The restore is stuck: ${error}`, {
    next: [
      `the log of ${service} has the cause; the database stays held, and nothing is lost`,
      'run the same command again: it continues from where it stopped',
    ],
  })
}
