export { createSaga, type Saga, type SagaParts } from './create-saga.ts'
export type { Decision, SagaStep, Wakeups } from './decision.ts'
export type { Advance, LockedStates, SagaStore, ScheduledState } from './saga-store.ts'
export type { Timer } from './wake-due.ts'
