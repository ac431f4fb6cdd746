/** A process that is of use without the rest of Boxoffice. */
export interface PackagedProcess {
  /** The command that its package installs. */
  readonly command: string
  readonly description: string
  /** From the repository's root. */
  readonly folder: string
  /** The source that the command runs, from the folder. */
  readonly entry: string
}

export const packagedProcesses: readonly PackagedProcess[] = [
  {
    command: 'outbox-relay',
    description:
      'Publishes the rows of an outbox table in PostgreSQL to Kafka: each committed row, in order, at least once',
    folder: 'services/outbox-relay',
    entry: 'src/bin.ts',
  },
]
