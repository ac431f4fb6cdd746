// What an operators' API is made of: dead letters, replay, restore, and what to watch.

export { type DeadLetterEventRow, readEvents } from './dead-letters/dead-letter-events.ts'
export type { DeadLetterFilter } from './dead-letters/dead-letter-filter.ts'
export { deadLetterJson } from './dead-letters/dead-letter-json.ts'
export { observeDeadLetters } from './dead-letters/dead-letter-metrics.ts'
export {
  type DeadLetterRow,
  type DeadLetterState,
  requireDeadLetter,
  type WholeDeadLetterRow,
} from './dead-letters/dead-letter-rows.ts'
export { discardDeadLetter } from './dead-letters/discard-dead-letter.ts'
export { countDeadLetters, listDeadLetters } from './dead-letters/list-dead-letters.ts'
export { isOutcomeRequired } from './dead-letters/outcome-required.ts'
export {
  type RedriveParts,
  type RedriveRequest,
  type RedriveSummary,
  redrive,
  summarizeRedrive,
} from './dead-letters/redrive.ts'
export { endRedrive, insertRedrive, readRedrive } from './dead-letters/redrive-rows.ts'
export { checkSelection, type RedriveSelection } from './dead-letters/redrive-selection.ts'

export { acceptTopic } from './inbox/consuming/accept-topic.ts'
export {
  beginPositions,
  isOfAnotherTopic,
  lockPositions,
  type Position,
  readAllPositions,
  readHandled,
} from './inbox/positions/positions.ts'
export { observeLag } from './inbox/watching/lag-metrics.ts'
export { openTopicLooks } from './inbox/watching/open-topic-looks.ts'

export type { MessagingCode } from './message/messaging-error.ts'
export type { PoisonReason } from './message/poison.ts'
export { headerList } from './message/stored-headers.ts'

export { consumerNotFound, findTargets } from './replay/find-targets.ts'
export { planUnlessAhead } from './replay/plan-replay.ts'
export { InvalidOffsetsError, type ReplayFrom, type ReplayRange } from './replay/replay-range.ts'
export {
  endReplay,
  readReplay,
  runningReplayId,
  type StoredReplay,
  type StoredReplayPartition,
} from './replay/replay-rows.ts'
export { startReplay } from './replay/start-replay.ts'

export { holdDatabase } from './restore/hold-database.ts'
export type { OutputStretch } from './restore/output-since.ts'
export type { Applied, Fact, RestoreHandler } from './restore/restore-handler.ts'
export {
  insertRestore,
  passOverFormerTopics,
  readRestore,
  type StoredRestore,
  unfinishedRestore,
} from './restore/restore-rows.ts'
export { createRestorer, type Restorer } from './restore/restorer.ts'
