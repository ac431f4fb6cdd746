import type { GroupMember } from '@boxoffice/kafka'
import type { Assignment } from '../assignment/assignment.ts'
import type { LocateOptions } from '../assignment/locate.ts'
import type { CommittingLoop } from './committing-loop.ts'
import type { ConsumerSettings } from './consumer-settings.ts'
import type { HeldPartitions } from './held-partitions.ts'
import type { ConsumerObserver } from './observe.ts'
import type { OffsetCommits } from './offset-commits.ts'
import type { Passing } from './passing.ts'
import type { CircuitReports } from './report-circuits.ts'

/** The parts that the steps of a consumer share. */
export interface ConsumerParts {
  readonly settings: ConsumerSettings
  readonly observer: ConsumerObserver
  readonly locateOptions: LocateOptions
  readonly member: GroupMember
  readonly loop: CommittingLoop
  readonly passing: Passing
  readonly commits: OffsetCommits
  readonly held: HeldPartitions
  readonly circuits: CircuitReports
  /** The current generation; undefined before the first. Changed by `takePartitions`. */
  assignment: Assignment | undefined
  /** The number of times that its positions could not be read. */
  locateFailures: number
}
