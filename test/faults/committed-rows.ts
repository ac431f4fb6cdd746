import { setTimeout as sleep } from 'node:timers/promises'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'
import { PgoutputPlugin } from 'pg-logical-replication'
import { type ServiceName, serviceNames } from '../../scripts/platform/databases.ts'
import { digestOf } from './digest.ts'

/** A row that a transaction of a service put into its outbox, and committed. */
export interface CommittedRow {
  readonly service: ServiceName
  /** The outbox row's id: drawn in this order. */
  readonly id: bigint
  /** How often the service's database had been replaced by a restored one. */
  readonly life: number
  /** The place among the service's rows in the order of commits. */
  readonly nth: number
  readonly messageId: string
  readonly topic: string
  /** Hexadecimal; null without a key. */
  readonly key: string | null
  readonly type: string
  /** Of key and payload. */
  readonly digest: string
}

/** A committed row with everything that is published of it. */
export interface WholeRow extends CommittedRow {
  readonly payload: Buffer | null
  readonly keyBytes: Buffer | null
  readonly headers: Readonly<Record<string, unknown>>
}

export interface CommittedRows {
  readonly all: readonly CommittedRow[]
  /** The newest rows of a service, complete. */
  recent(service: ServiceName): readonly WholeRow[]
  /** Waits until everything that is committed by now has been read. @throws Error when that takes a minute */
  readToEnd(): Promise<void>
  /**
   * Starts watching the restored database that replaced a service's former one, before anything is committed there.
   *
   * @param lost - ids of the rows that were lost unpublished with the former database: they count as never committed
   */
  followRestored(service: ServiceName, lost?: ReadonlySet<bigint>): Promise<void>
  stop(): Promise<void>
}

const pollMs = 1_000
const changesMax = 5_000
const recentMax = 300
const readToEndMs = 60_000

/**
 * Watches the outbox tables through the harness's own replication slots, so that the harness knows what was committed,
 * whether or not a relay has seen it. Changes are read again until they are recorded, also when the server crashes in
 * between.
 */
export async function watchCommittedRows(
  services: Readonly<Record<ServiceName, { readonly databaseUrl: string }>>,
): Promise<CommittedRows> {
  const all: CommittedRow[] = []
  const stopping = new AbortController()
  const watchers = serviceNames.map((service) => new Watcher(service, services[service].databaseUrl, all))
  await Promise.all(watchers.map((watcher) => watcher.createSlot()))
  const running = watchers.map(async (watcher) => {
    while (!stopping.signal.aborted) {
      // Faults take the server away at times: try again.
      await watcher.readOnce().catch(() => {})
      await sleep(pollMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  })
  return {
    all,
    recent: (service) => [...(watchers.find((watcher) => watcher.service === service)?.recent ?? [])],
    async readToEnd() {
      const deadline = Date.now() + readToEndMs
      await Promise.all(watchers.map((watcher) => watcher.readTo(deadline)))
    },
    async followRestored(service, lost = new Set()) {
      await watchers.find((watcher) => watcher.service === service)?.followRestored(lost)
    },
    async stop() {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

class Watcher {
  readonly service: ServiceName
  recent: WholeRow[] = []
  readonly #url: string
  readonly #all: CommittedRow[]
  /** Life and id: a database that came back from a backup uses its ids a second time. */
  readonly #known = new Set<string>()
  #life = 0
  #reading: Promise<boolean> | undefined

  constructor(service: ServiceName, url: string, all: CommittedRow[]) {
    this.service = service
    this.#url = url
    this.#all = all
  }

  get #slot(): string {
    return `harness_${this.service}`
  }

  async createSlot(): Promise<void> {
    await this.#query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [this.#slot])
  }

  async followRestored(lost: ReadonlySet<bigint>): Promise<void> {
    const isLost = (row: CommittedRow): boolean =>
      row.service === this.service && row.life === this.#life && lost.has(row.id)
    let kept = 0
    for (const row of this.#all) if (!isLost(row)) this.#all[kept++] = row
    this.#all.length = kept
    this.recent = this.recent.filter((row) => !isLost(row))
    this.#life += 1
    await this.createSlot()
  }

  async readTo(deadline: number): Promise<void> {
    for (;;) {
      try {
        if (!(await this.readOnce())) return
      } catch (cause) {
        if (Date.now() > deadline) throw new Error(`the outbox of ${this.service} was not read`, { cause })
        await sleep(pollMs)
      }
    }
  }

  /** Returns whether there was something to read. */
  async readOnce(): Promise<boolean> {
    while (this.#reading !== undefined) await this.#reading.catch(() => {})
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined
    })
    return await this.#reading
  }

  async #read(): Promise<boolean> {
    const changes = await this.#query<{ lsn: string; data: Buffer }>(
      `SELECT lsn, data FROM pg_logical_slot_peek_binary_changes($1, NULL, $2,
         'proto_version', '1', 'publication_names', 'messaging_outbox')`,
      [this.#slot, changesMax],
    )
    const parser = new PgoutputPlugin({ protoVersion: 1, publicationNames: ['messaging_outbox'] })
    let end: string | undefined
    for (const { data } of changes) {
      const change = parser.parse(data)
      if (change.tag === 'insert') this.#note(change.new as Columns)
      if (change.tag === 'commit') end = change.commitEndLsn ?? end
    }
    if (end === undefined) return false
    await this.#query('SELECT pg_replication_slot_advance($1, $2::pg_lsn)', [this.#slot, end])
    return true
  }

  #note(columns: Columns): void {
    const id = BigInt(columns.id)
    const name = `${this.#life} ${id}`
    if (this.#known.has(name)) return
    this.#known.add(name)
    const row: CommittedRow = {
      service: this.service,
      id,
      life: this.#life,
      nth: this.#known.size,
      messageId: columns.message_id,
      topic: columns.topic,
      key: columns.key?.toString('hex') ?? null,
      type: columns.type,
      digest: digestOf(columns.key, columns.payload),
    }
    this.#all.push(row)
    const { payload, headers } = columns
    this.recent.push({ ...row, payload, headers, keyBytes: columns.key })
    if (this.recent.length > recentMax) this.recent = this.recent.slice(-recentMax)
  }

  async #query<Row extends object>(sql: string, values: unknown[]): Promise<Row[]> {
    const client = new (clientOf({ url: this.#url }, pg.Client))({
      application_name: 'fault-harness',
      connectionTimeoutMillis: 5_000,
      query_timeout: 30_000,
    })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query<Row>(sql, values)).rows
    } finally {
      await client.end().catch(() => {})
    }
  }
}

interface Columns {
  readonly id: string
  readonly message_id: string
  readonly topic: string
  readonly key: Buffer | null
  readonly type: string
  readonly payload: Buffer | null
  readonly headers: Readonly<Record<string, unknown>>
}
