import { isDeepStrictEqual } from 'node:util'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { KubernetesApi } from '../kubernetes/api.ts'
import { isConflict, isNotFound } from '../kubernetes/api-error.ts'
import type { EventRecorder } from '../kubernetes/event-recorder.ts'
import type { Informer } from '../kubernetes/informer.ts'
import { keyOf, resourcePath } from '../kubernetes/resource.ts'
import type { ServiceClient } from '../services/service-clients.ts'
import { decideStatus, type Outcome } from './decide-status.ts'
import { decideStep, type Step } from './decide-step.ts'
import { recordReplayEvents } from './record-replay-events.ts'
import { type ReplayResource, type ReplayStatus, replayFinalizer, replayKind } from './resource.ts'
import { type Refusal, refusalOf } from './service-answer.ts'
import { cancelReplay, lookAtReplay, planReplay, startReplay } from './service-calls.ts'

export interface ReplayParts {
  readonly api: KubernetesApi
  readonly replays: Pick<Informer<ReplayResource>, 'get' | 'put'>
  /** The services' clients, by group. */
  readonly services: ReadonlyMap<string, ServiceClient>
  readonly namespace: string
  readonly events: EventRecorder
  readonly intervalMs: number
  readonly log: Logger
  readonly signal: AbortSignal
}

/** The next step waits for nothing. */
const atOnceMs = 0
/** The resource that was read turned out to be old: the watch brings the new version in a moment. */
const staleMs = 100
/** A service does not answer, or refuses the token. */
const waitingMs = 3_000

/**
 * Takes the next step of a replay. Returns the milliseconds until the next look; undefined if something has to change
 * first. After an interruption the next call decides again from the state in Kubernetes, and repeats what may be
 * repeated.
 */
export async function reconcileReplay(parts: ReplayParts, key: string): Promise<number | undefined> {
  // 1. What is wanted, and the progress so far.
  const replay = parts.replays.get(key)
  if (replay === undefined) return undefined
  try {
    // 2. The step that it needs next.
    const step = decideStep(replay, { namespace: parts.namespace, groups: [...parts.services.keys()] })
    // 3. Steps that do not change the status.
    switch (step.do) {
      case 'rest':
        return undefined
      case 'hold':
        await setFinalizers(parts, replay, [...finalizersOf(replay), replayFinalizer])
        return atOnceMs
      case 'cancel':
        return await cancelAndRelease(parts, replay)
      case 'release':
        return await release(parts, replay)
    }
    // 4. Steps that ask the service, or need not.
    const outcome = await outcomeOf(parts, replay, step)
    // 5. The status that follows, written once, and only over the version that was read.
    const status = decideStatus(replay, outcome, new Date())
    await writeStatus(parts, replay, status)
    // 6. When to look again: the watch does not report statuses that this operator has written itself.
    if (outcome.is === 'waiting') return waitingMs
    return status.phase === 'Running' ? parts.intervalMs : atOnceMs
  } catch (error) {
    if (isConflict(error)) return staleMs
    if (isNotFound(error)) return undefined
    throw error
  }
}

type Asking = Extract<Step, { readonly do: 'fail' | 'plan' | 'start' | 'look' }>

async function outcomeOf(parts: ReplayParts, replay: ReplayResource, step: Asking): Promise<Outcome> {
  const { services, signal } = parts
  const service = services.get(replay.spec.group)
  if (step.do === 'fail') return { is: 'failed', reason: step.reason, message: step.message }
  if (service === undefined) throw new Error(`no service for ${replay.spec.group}`)
  try {
    switch (step.do) {
      case 'plan':
        return { is: 'planned', partitions: await planReplay(service, replay, signal) }
      case 'start':
        return { is: 'seen', replay: await startReplay(service, replay, signal) }
      case 'look':
        return { is: 'seen', replay: await lookAtReplay(service, step.replayId, signal) }
    }
  } catch (error) {
    const { kind, reason, message } = refusalTo(parts, replay, error)
    return { is: kind === 'terminal' ? 'failed' : 'waiting', reason, message }
  }
}

async function cancelAndRelease(parts: ReplayParts, replay: ReplayResource): Promise<number | undefined> {
  const { group } = replay.spec
  const service = parts.services.get(group)
  try {
    if (service !== undefined) await cancelReplay(service, replay, parts.signal)
  } catch (error) {
    const refusal = refusalTo(parts, replay, error)
    // A replay that the service refuses to start does not run. One that it has not answered may.
    if (refusal.kind === 'transient') {
      const message = `The deletion waits until ${group} can be asked to stop: ${refusal.message}`
      const outcome: Outcome = { is: 'waiting', reason: refusal.reason, message }
      await writeStatus(parts, replay, decideStatus(replay, outcome, new Date()))
      return waitingMs
    }
  }
  return await release(parts, replay)
}

/** The service's refusal. @throws an error that is not a refusal, or that came after the signal */
function refusalTo({ signal, log }: ReplayParts, replay: ReplayResource, error: unknown): Refusal {
  const refusal = refusalOf(error)
  if (refusal === undefined || signal.aborted) throw error
  // Details that differ from attempt to attempt go to the log: the status is written only when there is news.
  if (refusal.kind === 'transient')
    log.warn({ err: error, replay: keyOf(replay) }, 'a service did not do what a replay needs, asking again')
  return refusal
}

function release(parts: ReplayParts, replay: ReplayResource): Promise<undefined> {
  const others = finalizersOf(replay).filter((finalizer) => finalizer !== replayFinalizer)
  return setFinalizers(parts, replay, others)
}

async function setFinalizers(
  { api, replays, signal }: ReplayParts,
  replay: ReplayResource,
  finalizers: readonly string[],
): Promise<undefined> {
  const { metadata } = replay
  const path = resourcePath(replayKind, metadata.namespace ?? '', metadata.name)
  const { uid, resourceVersion } = metadata
  const body = { metadata: { uid, resourceVersion, finalizers } }
  replays.put(replay, await api.merge<ReplayResource>(path, body, { signal }))
}

async function writeStatus(
  { api, replays, events, signal }: ReplayParts,
  replay: ReplayResource,
  status: ReplayStatus,
): Promise<void> {
  if (isDeepStrictEqual(status, replay.status)) return
  const { apiVersion, kind, metadata } = replay
  const { name, namespace = '', uid, resourceVersion } = metadata
  const path = `${resourcePath(replayKind, namespace, name)}/status`
  const body = { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion }, status }
  replays.put(replay, await api.apply<ReplayResource>(path, body, { signal }))
  recordReplayEvents(events, replay, status)
}

function finalizersOf({ metadata }: ReplayResource): readonly string[] {
  return metadata.finalizers ?? []
}
