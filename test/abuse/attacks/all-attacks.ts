import type { Attack } from '../attack.ts'
import { consoleStreams } from './console-streams.ts'
import { crowdedReads } from './crowded-reads.ts'
import { forgedCursors } from './forged-cursors.ts'
import { forgingWriters } from './forging-writers.ts'
import { healthWatchers } from './health-watchers.ts'
import { hoarders } from './hoarders.ts'
import { idleConnections } from './idle-connections.ts'
import { invalidTokens } from './invalid-tokens.ts'
import { longRequests } from './long-requests.ts'
import { slowReaders } from './slow-readers.ts'

export const allAttacks: readonly Attack[] = [
  longRequests,
  crowdedReads,
  invalidTokens,
  healthWatchers,
  slowReaders,
  idleConnections,
  consoleStreams,
  forgedCursors,
  hoarders,
  forgingWriters,
]
