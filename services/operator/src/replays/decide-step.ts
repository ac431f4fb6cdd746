import { isFinal, type ReplayResource, replayFinalizer } from './resource.ts'

/**
 * The next step of a replay. Each step can be repeated, so an operator that was killed anywhere takes the same step
 * again.
 */
export type Step =
  /** Does nothing until the resource changes. */
  | { readonly do: 'rest' }
  /** The replay can never run. */
  | { readonly do: 'fail'; readonly reason: string; readonly message: string }
  /** Sets the finalizer, so that a deletion cannot go unnoticed, before anything is started. */
  | { readonly do: 'hold' }
  /** Asks what the replay would do, and writes that down. Unless it is a dry run, records that it may start now. */
  | { readonly do: 'plan' }
  /** Starts the replay, or reads the state of the one that was started. */
  | { readonly do: 'start' }
  | { readonly do: 'look'; readonly replayId: string }
  /** It is being deleted: ends what may run, without knowing whether it does. */
  | { readonly do: 'cancel' }
  /** It is being deleted, and nothing of it runs. */
  | { readonly do: 'release' }

/** The facts that the decision depends on besides the resource. */
export interface Surroundings {
  /** The namespace whose services this operator calls. */
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
