import { backoffMs, forgetUnmeasured, pause } from '@boxoffice/pacing'
import { forget } from './observe.ts'
import { newRelay, next, type RelayAction, type RelayEvent } from './relay-state.ts'
import { type RelayParts, Session, type SessionParts } from './session.ts'
import { noteScanned } from './slot.ts'
import { stream } from './stream.ts'
import { awaitOperator, lookAtShard, makeSlot, openShard, scanInstead, standBy } from './take-shard.ts'

/**
 * Publishes a service's outbox, or a shard of it, until `stopping` is aborted, and starts again after each failure.
 * When it returns, the batch in flight is published or `stopGraceMs` is over, the slot is free, and the connection to
 * Kafka is closed.
 *
 * {@link next} alone decides what comes next; this loop does it and reports the result.
 */
export async function runRelay(parts: RelayParts, stopping: AbortSignal): Promise<void> {
  const { config, log, metrics } = parts
  forget(metrics)
  metrics.shards.set(config.relayShards)
  const sessionParts: SessionParts = {
    ...parts,
    // It outlives a session, because a session that cannot begin does not measure either.
    measured: forgetUnmeasured(config.observeIntervalMs, () => forget(metrics)),
    stopping,
    stopped: afterGrace(stopping, config.stopGraceMs),
  }
  let session: Session | undefined
  let startedAt = 0
  let state = newRelay(config.relayShards)
  let event: RelayEvent = stopping.aborted ? { kind: 'stopped' } : { kind: 'waited' }
  for (;;) {
    const step = next(state, event)
    state = step.state
    if (step.action.kind === 'leave') break
    try {
      if (step.action.kind === 'connect') {
        startedAt = performance.now()
        session = await Session.begin(sessionParts)
      }
      event = await act(step.action, state.shard, session, stopping)
    } catch (err) {
      await session?.end()
      session = undefined
      if (!stopping.aborted) {
        metrics.sessions.inc()
        log.warn({ err }, 'the relay begins again')
      }
      event = { kind: 'failed', sessionMs: performance.now() - startedAt }
    }
    if (stopping.aborted) event = { kind: 'stopped' }
  }
  await session?.end()
  await parts.producer.close()
}

async function act(
  action: Exclude<RelayAction, { kind: 'leave' }>,
  shardIndex: number,
  session: Session | undefined,
  stopping: AbortSignal,
): Promise<RelayEvent> {
  if (action.kind === 'rest') {
    await pause(backoffMs(action.failures, retryBaseMs, retryCapMs), stopping)
    return { kind: 'waited' }
  }
  const shard = session?.layout.shards[shardIndex]
  if (session === undefined || shard === undefined) throw new Error(`no session to ${action.kind} in`)
  switch (action.kind) {
    // 1. Kafka: a relay that cannot reach it leaves the slot to one that can.
    case 'connect':
      await session.parts.producer.connect(session.ending)
      return { kind: 'connected' }

    // 2. The slot of a shard: standing by while other relays hold them all, scanning the table while the log does not
    // bring it.
    case 'look':
      return await lookAtShard(session, shard)
    case 'await-operator':
      return await awaitOperator(session, shard, action)
    case 'create-slot':
      return await makeSlot(session, shard, action)
    case 'open':
      return await openShard(session, shard)
    case 'scan':
      return await scanInstead(session, shard, action)
    case 'stand-by':
      return await standBy(session, action.because)

    // 3. What the table holds from before the slot began.
    case 'publish-table':
      await session.publishTable(shard)
      // Without its slot another relay may publish by now.
      session.ending.throwIfAborted()
      await noteScanned(session.parts.database, shard.slotName, true)
      return { kind: 'caught-up' }

    // 4. The stream, until it fails or the relay is stopped.
    case 'stream':
      return await stream(session, shard)
  }
}

/** A signal that is aborted `graceMs` after `signal`. */
function afterGrace(signal: AbortSignal, graceMs: number): AbortSignal {
  const after = new AbortController()
  signal.addEventListener('abort', () => {
    setTimeout(() => after.abort(new Error('stopped')), graceMs).unref()
  })
  return after.signal
}

/** The first and the longest wait before a new session. */
const retryBaseMs = 200
const retryCapMs = 2_000
