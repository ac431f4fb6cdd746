// What an operators' API or script is made of: dead letters, replays, positions, restore, and what to watch.

export { createDeadLetters, type DeadLetters } from './dead-letters/create-dead-letters.ts'
export type { DeadLetterFilter } from './dead-letters/dead-letter-filter.ts'
export { observeDeadLetters } from './dead-letters/dead-letter-metrics.ts'
export type { DeadLetter, WholeDeadLetter } from './dead-letters/describe-dead-letter.ts'
export type { RedriveSummary } from './dead-letters/redrive.ts'
export type { RedriveSelection } from './dead-letters/redrive-selection.ts'

export { createPositions, type Positions } from './inbox/consuming/create-positions.ts'
export { readAllPositions } from './inbox/positions/positions.ts'
export { observeLag } from './inbox/watching/lag-metrics.ts'
export { openTopicLooks } from './inbox/watching/open-topic-looks.ts'
export type { ConsumerState } from './inbox/watching/read-consumer.ts'

export { createReplays, type Replays } from './replay/create-replays.ts'
export { InvalidOffsetsError, type ReplayRange } from './replay/replay-range.ts'
export type { StoredReplay } from './replay/replay-rows.ts'

export type { Applied, Fact, RestoreHandler } from './restore/restore-handler.ts'
export type { StoredRestore } from './restore/restore-rows.ts'
export { createRestorer, type Restorer } from './restore/restorer.ts'
