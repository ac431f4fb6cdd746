export interface OutgoingRecord {
  readonly topic: string
  readonly key: Buffer | null
  /** Null is a tombstone. */
  readonly value: Buffer | null
  readonly headers: Record<string, string | Buffer | (string | Buffer)[]>
}

/** The results of the records of one send: each record is in exactly one of the lists, in the order of the call. */
export interface SendOutcome<R extends OutgoingRecord> {
  readonly published: readonly R[]
  /** Kafka will never accept these: too large for the topic, or not allowed by it. `reason` is Kafka's error name. */
  readonly rejected: ReadonlyArray<{ readonly record: R; readonly reason: string }>
  /** Not sent, because an earlier record with the same topic and key was rejected. */
  readonly skipped: readonly R[]
  /**
   * Kafka has no such topic, or does not let this user write to it, perhaps only for a moment. The caller decides how
   * long to try again: sent before later records of the topic, they keep their order. `reason` is Kafka's error name.
   */
  readonly deferred: ReadonlyArray<{ readonly record: R; readonly reason: string }>
}

/** The results so far of the records of one send. */
export class SendResults<R extends OutgoingRecord> {
  readonly #published = new Set<R>()
  readonly #rejected = new Map<R, string>()
  readonly #skipped = new Set<R>()
  readonly #deferred = new Map<R, string>()
  readonly #rejectedKeys = new Set<string>()

  /** The number of records that have a result. */
  get settled(): number {
    return this.#published.size + this.#rejected.size + this.#skipped.size + this.#deferred.size
  }

  publish(records: readonly R[]): void {
    for (const record of records) this.#published.add(record)
  }

  reject(record: R, reason: string): void {
    this.#rejected.set(record, reason)
    // A record without a key holds back no other.
    if (record.key !== null) this.#rejectedKeys.add(keyName(record))
  }

  defer(records: readonly R[], reason: string): void {
    for (const record of records) this.#deferred.set(record, reason)
  }

  /** Returns the records that may be sent: those of a rejected key are skipped. */
  withoutSkipped(records: R[]): R[] {
    if (this.#rejectedKeys.size === 0) return records
    return records.filter((record) => {
      if (record.key === null || !this.#rejectedKeys.has(keyName(record))) return true
      this.#skipped.add(record)
      return false
    })
  }

  inOrderOf(records: readonly R[]): SendOutcome<R> {
    if (this.#published.size === records.length) {
      return { published: records, rejected: [], skipped: [], deferred: [] }
    }
    return {
      published: records.filter((record) => this.#published.has(record)),
      rejected: withReasons(records, this.#rejected),
      skipped: records.filter((record) => this.#skipped.has(record)),
      deferred: withReasons(records, this.#deferred),
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
