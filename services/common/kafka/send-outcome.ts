export interface OutgoingRecord {
  readonly topic: string
  readonly key: Buffer | null
  /** Null is a tombstone. */
  readonly value: Buffer | null
  readonly headers: Record<string, string | Buffer | (string | Buffer)[]>
}

/** What became of the records of one send: each is in exactly one of the lists, in the order in which it was given. */
export interface SendOutcome<R extends OutgoingRecord> {
  readonly published: readonly R[]
  /** Kafka will never take these: too large for the topic, or not allowed by it. `reason` is Kafka's error name. */
  readonly refused: ReadonlyArray<{ readonly record: R; readonly reason: string }>
  /** Not sent, because an earlier record with the same topic and key was refused. */
  readonly heldBack: readonly R[]
  /**
   * Kafka has no such topic, or lets nobody like us write to it, perhaps only for a moment. How long to go on is for
   * the caller to decide: sent again before later records of the topic, they keep their order. `reason` is Kafka's
   * error name.
   */
  readonly postponed: ReadonlyArray<{ readonly record: R; readonly reason: string }>
}

/** What is known so far of the records of one send. */
export class Fates<R extends OutgoingRecord> {
  readonly #published = new Set<R>()
  readonly #refused = new Map<R, string>()
  readonly #heldBack = new Set<R>()
  readonly #postponed = new Map<R, string>()
  readonly #refusedKeys = new Set<string>()

  /** How many records have got their fate. */
  get settled(): number {
    return this.#published.size + this.#refused.size + this.#heldBack.size + this.#postponed.size
  }

  publish(records: readonly R[]): void {
    for (const record of records) this.#published.add(record)
  }

  refuse(record: R, reason: string): void {
    this.#refused.set(record, reason)
    // A record without a key holds nobody back.
    if (record.key !== null) this.#refusedKeys.add(keyName(record))
  }

  postpone(records: readonly R[], reason: string): void {
    for (const record of records) this.#postponed.set(record, reason)
  }

  /** The records that may go: those of a key that was refused are held back. */
  withoutHeldBack(records: R[]): R[] {
    if (this.#refusedKeys.size === 0) return records
    return records.filter((record) => {
      if (record.key === null || !this.#refusedKeys.has(keyName(record))) return true
      this.#heldBack.add(record)
      return false
    })
  }

  inOrderOf(records: readonly R[]): SendOutcome<R> {
    if (this.#published.size === records.length) {
      return { published: records, refused: [], heldBack: [], postponed: [] }
    }
    return {
      published: records.filter((record) => this.#published.has(record)),
      refused: withReasons(records, this.#refused),
      heldBack: records.filter((record) => this.#heldBack.has(record)),
      postponed: withReasons(records, this.#postponed),
    }
  }
}

function withReasons<R>(
  records: readonly R[],
  reasons: ReadonlyMap<R, string>,
): { record: R; reason: string }[] {
  return records.flatMap((record) => {
    const reason = reasons.get(record)
    return reason === undefined ? [] : [{ record, reason }]
  })
}

function keyName(record: OutgoingRecord): string {
  return `${record.topic} ${record.key?.toString('hex')}`
}
