import type { GroupMember } from '@boxoffice/kafka'
import type { Assignment } from '../assignment/assignment.ts'
import type { Locating } from '../assignment/locate.ts'
import type { CommittingLoop } from './committing-loop.ts'
import type { ConsumerSettings } from './consumer-settings.ts'
import type { HeldPartitions } from './held-partitions.ts'
import type { ConsumerObserver } from './observe.ts'
import type { OffsetCommits } from './offset-commits.ts'
import type { Passing } from './passing.ts'
import type { CircuitReports } from './report-circuits.ts'

/** What the steps of a consumer share. */
export interface ConsumerParts {
  readonly settings: ConsumerSettings
  readonly observer: ConsumerObserver
  readonly locating: Locating
  readonly member: GroupMember
  readonly loop: CommittingLoop
  readonly passing: Passing
  readonly commits: OffsetCommits
  readonly held: HeldPartitions
  readonly circuits: CircuitReports
  /** The present generation; undefined before the first. Changed where partitions are taken. */
  assignment: Assignment | undefined
  /** How often it could not find out where it stands. */
  locateFailures: number
}
