import { type Message, type MessageLog, partitionsOf } from './message-log.ts'

/** Where a process dies: what is not committed is gone, and so is what it remembers. */
export type Crash = 'never' | 'before commit' | 'after commit'

/** The tables that stand beside a service's books. */
interface Messaging {
  /** In the order of their ids. */
  readonly outbox: Message[]
  readonly inbox: Set<string>
  readonly positions: Map<string, number>
}

/** What is committed. */
export interface Database<Books> extends Messaging {
  readonly books: Books
}

export interface ServiceOptions<Books> {
  readonly name: string
  readonly topics: readonly string[]
  readonly books: Books
  copyBooks(books: Books): Books
  /** Applies a message and returns what it leads to. */
  handle(books: Books, message: Message): readonly Message[] | Promise<readonly Message[]>
  /** False removes the inbox, to see what covers for it. */
  readonly hasInbox: boolean
}

const memberCount = 2

/** A service as the simulation runs it: a database, members of one consumer, and a relay. */
export class Service<Books> {
  readonly partitions: readonly string[]
  /** The ids that were ever handled, in a transaction that was committed. */
  readonly handled = new Set<string>()
  readonly #options: ServiceOptions<Books>
  readonly #log: MessageLog
  /** What each member takes for its positions; a stale one is to be fenced. */
  readonly #remembered = Array.from({ length: memberCount }, () => new Map<string, number>())
  #database: Database<Books>

  constructor(options: ServiceOptions<Books>, log: MessageLog) {
    this.#options = options
    this.#log = log
    this.partitions = partitionsOf(options.topics)
    this.#database = { books: options.books, outbox: [], inbox: new Set(), positions: new Map() }
  }

  get books(): Books {
    return this.#database.books
  }

  get outbox(): readonly Message[] {
    return this.#database.outbox
  }

  /** All or nothing. */
  transaction(work: (database: Database<Books>) => void): void {
    const draft = this.#draft()
    work(draft)
    this.#database = draft
  }

  #draft(): Database<Books> {
    const { books, outbox, inbox, positions } = this.#database
    return {
      books: this.#options.copyBooks(books),
      outbox: [...outbox],
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

  /** One transaction of one member over what waits in some partitions, in the manner of process-slices.ts. */
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
    const fresh: Message[] = []
    const draft = this.#draft()
    for (const { partition, from, records } of slices) {
      draft.positions.set(partition, from + records.length)
      for (const message of records) {
        if (message === undefined || !this.#claim(draft, message)) continue
        fresh.push(message)
        draft.outbox.push(...(await this.#options.handle(draft.books, message)))
      }
    }
    if (crash !== 'before commit') this.#database = draft
    if (crash !== 'before commit') for (const { id } of fresh) this.handled.add(id)
    if (crash === 'never') {
      for (const { partition, from, records } of slices) remembered.set(partition, from + records.length)
    } else {
      remembered.clear()
    }
  }

  #claim({ inbox }: Database<Books>, { id }: Message): boolean {
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
    if (crash === 'never') this.transaction(({ outbox }) => outbox.splice(index, 1))
  }

  /** Reads a partition's past again, as a replay does. */
  replay(partition: string, offset: number): void {
    this.transaction(({ positions }) => {
      positions.set(partition, Math.min(offset, this.position(partition)))
    })
  }

  /** Prunes the inbox: what covers for it are the books' own rules. */
  pruneInbox(): void {
    this.transaction(({ inbox }) => inbox.clear())
  }
}
