import { setTimeout as sleep } from 'node:timers/promises'
import { crashPoint } from '@boxoffice/common/lifecycle/crash-point.ts'
import { createPace } from '@boxoffice/pacing'
import { decideAccess } from './decide-access.ts'
import { deferredRetryMs } from './deferred-rows.ts'
import { type OutboxShard, slotNamesOf } from './layout.ts'
import { lookAround } from './look-around.ts'
import { sentenceOf } from './obstacles.ts'
import type { Session } from './session.ts'
import { dropFormerSlots } from './slot.ts'
import { sweepForEver } from './sweep.ts'
import { UnconfirmedBatches } from './unconfirmed-batches.ts'

/**
 * Publishes the rows of the stream, and beside it, slowly, the rows that the sweep finds because the stream missed
 * them.
 *
 * @throws the error that ended it
 */
export async function stream(session: Session, shard: OutboxShard): Promise<never> {
  const { parts, publisher, deleter, retryWhile, ending, stream } = session
  const { config, database, metrics, log, stopped } = parts
  if (stream === undefined) throw new Error('the slot is not open')
  const { filter } = shard
  const intervalMs = config.sweepIntervalMs
  const sweepParts = { database, filter, publisher, deleter, metrics, retryWhile, stream, intervalMs }
  session.runBeside(sweepForEver(sweepParts, ending))
  session.runBeside(watchAccess(session, shard))
  log.info({ slotName: shard.slotName }, 'streaming')
  const pace = createPace(sendPace)
  const unconfirmed = new UnconfirmedBatches()
  for (;;) {
    await retryWhile(() => publisher.isFull)
    await stream.gather(pace.restMs(), ending)
    const batch = await stream.next(ending, publisher.deferred > 0 ? deferredRetryMs : undefined)
    pace.begin()
    const published = await publisher.publish(batch.rows, stopped)
    pace.end(published.length)
    crashPoint('confirm:before')
    stream.confirm(unconfirmed.add(batch, (row) => publisher.isDeferred(row)))
    crashPoint('confirm:after')
    await deleter.add(published)
  }
}

/**
 * Ends the session when the log no longer brings the rows, which a stream does not notice. Drops slots of former
 * names.
 */
async function watchAccess({ parts, layout, ending }: Session, shard: OutboxShard): Promise<never> {
  const { database, config, log } = parts
  for (;;) {
    const access = decideAccess(await lookAround(database, shard), shard.filter)
    if (access.kind === 'blocked' || access.kind === 'scan') throw new Error(sentenceOf(access.obstacle))
    await dropFormerSlots(database, slotNamesOf(layout), log)
    await sleep(config.observeIntervalMs, undefined, { signal: ending })
  }
}

/**
 * A few rows are sent at once. While brokers are busy, each send gathers dozens of rows, so that they do a fraction of
 * the work. Longer rounds make a burst cheaper still, but callers who wait for the end of a checkout wait longer: a
 * checkout passes four relays.
 */
const sendPace = { itemsFree: 8, itemMs: 6, roundMsMax: 150 }
