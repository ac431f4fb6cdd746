import type { AssignedPartition } from '../assignment/assigned-partition.ts'
import type { Assignment } from '../assignment/assignment.ts'
import { type Circuit, coolDownMs } from '../assignment/circuit.ts'
import type { ConsumerSettings } from './consumer-settings.ts'
import type { ConsumerObserver } from './observe.ts'

/** Logs when a partition's circuit opens, opens again or closes, and counts the partitions that do not go on. */
export interface CircuitReports {
  /** Called after each change of a partition's progress. @param before - its circuit before the change */
  changed(partition: AssignedPartition, before: Circuit): void
  count(): void
}

export function reportCircuits(
  observer: Pick<ConsumerObserver, 'circuit' | 'stoppedPartitions'>,
  settings: ConsumerSettings,
  assignment: () => Assignment | undefined,
): CircuitReports {
  function count(): void {
    const current = assignment()
    if (current !== undefined) observer.stoppedPartitions(current.stoppedPartitions)
  }

  return {
    changed(partition, before) {
      const { circuit } = partition.progress
      if (circuit.openings !== before.openings)
        observer.circuit(partition, circuit, coolDownMs(circuit.openings, settings))
      count()
    },
    count,
  }
}
