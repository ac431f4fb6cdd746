import type { Decision, SagaStep } from './decision.ts'
import type { Advance, LockedStates, ScheduledState } from './saga-store.ts'

type Decide<State, Step, Output> = (state: State, step: Step, now: Date) => Decision<State, Output>

/** The states to write after steps, and what the steps led to. */
interface DecidedSteps<State, Output> extends Advance<State, Output> {
  readonly touched: readonly ScheduledState<State>[]
  readonly transitions: readonly State[]
}

/**
 * Decides steps in order, each on the state after the one before it. Nothing is written.
 *
 * @param contradiction - makes the error for a step that is impossible
 */
export function decideSteps<State, Step extends SagaStep, Output>(
  { states, now }: LockedStates<State>,
  steps: readonly Step[],
  decide: Decide<State, Step, Output>,
  contradiction: (sagaId: string, why?: string) => Error,
): DecidedSteps<State, Output> {
  const touched = new Map<string, ScheduledState<State>>()
  const changedIds = new Set<string>()
  const decisions: DecidedSteps<State, Output>['decisions'][number][] = []
  const transitions: State[] = []
  const outputs: Output[] = []
  for (const step of steps) {
    const { sagaId } = step
    const known = states.get(sagaId)
    if (known === undefined) throw contradiction(sagaId)
    const decision = decide(known, step, now)
    if (decision.type === 'CONTRADICTION') throw contradiction(sagaId, decision.why)
    decisions.push(decision)
    if (decision.type === 'UNCHANGED') continue
    const { state, wakeups } = decision
    states.set(sagaId, state)
    touched.set(sagaId, { state, wakeups })
    outputs.push(...decision.outputs)
    if (decision.type === 'CHANGED') {
      transitions.push(state)
      changedIds.add(sagaId)
    }
  }
  const changed = [...touched].flatMap(([sagaId, { state }]) => (changedIds.has(sagaId) ? [state] : []))
  return { decisions, changed, outputs, touched: [...touched.values()], transitions }
}
