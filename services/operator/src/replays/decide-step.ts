import { isFinal, type ReplayResource, replayFinalizer } from './resource.ts'

/**
 * What a replay needs next. Each step can be repeated, so that an operator which is killed anywhere takes the same one
 * again.
 */
export type Step =
  /** Nothing, until somebody changes it. */
  | { readonly do: 'rest' }
  /** It can never run. */
  | { readonly do: 'fail'; readonly reason: string; readonly message: string }
  /** Make sure that nobody deletes it unnoticed, before anything is started. */
  | { readonly do: 'hold' }
  /** Ask what it would do, and write that down; unless that is all, say that it may be started from here on. */
  | { readonly do: 'plan' }
  /** Start it, or hear how the one that was started stands. */
  | { readonly do: 'start' }
  | { readonly do: 'look'; readonly replayId: string }
  /** It is being deleted: end what may run, without knowing whether it does. */
  | { readonly do: 'cancel' }
  /** It is being deleted, and nothing of it runs. */
  | { readonly do: 'release' }

/** What else the decision depends on. */
export interface Surroundings {
  /** The one namespace whose services are asked. */
  readonly namespace: string
  /** The groups of these services. */
  readonly groups: readonly string[]
}

export function decideStep(replay: ReplayResource, { namespace, groups }: Surroundings): Step {
  const { metadata, spec, status } = replay
  const phase = status?.phase
  const held = metadata.finalizers?.includes(replayFinalizer) ?? false

  if (metadata.deletionTimestamp !== undefined) {
    if (!held) return { do: 'rest' }
    return phase === 'Starting' || phase === 'Running' ? { do: 'cancel' } : { do: 'release' }
  }
  if (isFinal(phase)) return held ? { do: 'release' } : { do: 'rest' }
  if (metadata.namespace !== namespace) {
    const message = `The services of ${namespace} are replayed from that namespace, not from ${metadata.namespace}`
    return { do: 'fail', reason: 'WrongNamespace', message }
  }
  if (!groups.includes(spec.group)) {
    const message = `No service here consumes as ${spec.group}; there are ${groups.join(', ')}`
    return { do: 'fail', reason: 'UnknownGroup', message }
  }
  if (phase === 'Running' && status?.replayId !== undefined) return { do: 'look', replayId: status.replayId }
  if (phase === 'Starting') return { do: 'start' }
  if (spec.dryRun === true || held) return { do: 'plan' }
  return { do: 'hold' }
}
