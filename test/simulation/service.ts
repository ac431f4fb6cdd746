import type { Transactions } from '@boxoffice/common/grpc/call-store.ts'
import type { CallTables } from '@boxoffice/common/testing/memory-calls.ts'
import type { OutboxMessage, ReceivedMessage } from '@boxoffice/messaging'
import type { DescMessage } from '@bufbuild/protobuf'
import { type MessageLog, partitionsOf } from './message-log.ts'
import { toReceived } from './to-received.ts'

/** Where a process dies. It loses what is not committed, and what it remembers. */
export type Crash = 'never' | 'before commit' | 'after commit'

/** The committed state: the service's tables, and those of its consumer. */
interface Database<Tables> {
  readonly tables: Tables
  readonly inbox: Set<string>
  readonly positions: Map<string, number>
}

export interface ServiceOptions<Tables extends CallTables> {
  readonly topics: readonly string[]
  /** All message types in these topics. */
  readonly schemas: readonly DescMessage[]
  readonly tables: Tables
  copyTables(tables: Tables): Tables
  /** Applies messages and returns the messages that they cause. */
  handle(tables: Tables, messages: readonly ReceivedMessage[]): Promise<readonly OutboxMessage[]>
  /** False removes the inbox, to test that the service's own rules replace it. */
  readonly hasInbox: boolean
}

const memberCount = 2

/** A service as the simulation runs it: a database, members of one consumer, and a relay. */
export class Service<Tables extends CallTables> implements Transactions<Tables> {
  readonly partitions: readonly string[]
  /** The ids of all messages that were handled in a committed transaction. */
  readonly handled = new Set<string>()
  readonly #options: ServiceOptions<Tables>
  readonly #log: MessageLog
  /** The positions as each member remembers them; a stale member must be fenced. */
  readonly #remembered = Array.from({ length: memberCount }, () => new Map<string, number>())
  #database: Database<Tables>

  constructor(options: ServiceOptions<Tables>, log: MessageLog) {
    this.#options = options
    this.#log = log
    this.partitions = partitionsOf(options.topics)
    this.#database = { tables: options.tables, inbox: new Set(), positions: new Map() }
  }

  get tables(): Tables {
    return this.#database.tables
  }

  em(): Tables {
    return this.#database.tables
  }

  get outbox(): readonly OutboxMessage[] {
    return this.#database.tables.outbox
  }

  /** Applies all changes of `work`, or none. */
  async transaction<Result>(work: (tables: Tables) => Promise<Result>): Promise<Result> {
    const draft = this.#draft()
    const result = await work(draft.tables)
    this.#database = draft
    return result
  }

  #draft(): Database<Tables> {
    const { tables, inbox, positions } = this.#database
    return {
      tables: this.#options.copyTables(tables),
      inbox: new Set(inbox),
      positions: new Map(positions),
    }
  }

  position(partition: string): number {
    return this.#database.positions.get(partition) ?? 0
  }

  hasRead(topic: string): boolean {
    return partitionsOf([topic]).every((partition) => this.position(partition) === this.#log.end(partition))
  }

  /** One transaction of one member over the records that wait in some partitions, like process-slices.ts. */
  async consume(
    memberNth: number,
    partitions: readonly string[],
    batchSizeMax: number,
    crash: Crash,
  ): Promise<void> {
    const remembered = this.#remembered[memberNth % memberCount]
    if (remembered === undefined) return
    const slices = partitions.map((partition) => {
      const from = remembered.get(partition) ?? this.position(partition)
      return { partition, from, records: this.#log.records(partition).slice(from, from + batchSizeMax) }
    })
    const moved = slices.filter(({ partition, from }) => from !== this.position(partition))
    if (moved.length > 0) {
      for (const { partition } of moved) remembered.delete(partition)
      return
    }
    const fresh: OutboxMessage[] = []
    const draft = this.#draft()
    for (const { partition, from, records } of slices) {
      draft.positions.set(partition, from + records.length)
      for (const message of records)
        if (message !== undefined && this.#claim(draft, message)) fresh.push(message)
    }
    const { handle, schemas } = this.#options
    draft.tables.outbox.push(
      ...(await handle(
        draft.tables,
        fresh.map((message) => toReceived(message, schemas)),
      )),
    )
    if (crash !== 'before commit') this.#database = draft
    if (crash !== 'before commit') for (const { id } of fresh) this.handled.add(id)
    if (crash === 'never') {
      for (const { partition, from, records } of slices) remembered.set(partition, from + records.length)
    } else {
      remembered.clear()
    }
  }

  #claim({ inbox }: Database<Tables>, { id }: OutboxMessage): boolean {
    if (this.#options.hasInbox && inbox.has(id)) return false
    inbox.add(id)
    return true
  }

  /** Publishes one row; a relay that dies before it deletes the row publishes it again. */
  relay(nth: number, crash: Crash): void {
    const index = nth % Math.max(1, this.outbox.length)
    const message = this.outbox[index]
    if (message === undefined || crash === 'before commit') return
    this.#log.append(message)
    if (crash === 'never') this.#database.tables.outbox.splice(index, 1)
  }

  /** Reads a partition's past again, as a replay does. */
  replay(partition: string, offset: number): void {
    this.#database.positions.set(partition, Math.min(offset, this.position(partition)))
  }

  /** Prunes the inbox. The tables' own rules must then reject repeats. */
  pruneInbox(): void {
    this.#database.inbox.clear()
  }
}
