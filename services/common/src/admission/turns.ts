/**
 * Decides which call works next. Work costs units, and both each key and all keys together have a limit of running
 * units. Work without free units waits in its key's line, and the keys are served in rotation: a caller with a
 * thousand calls delays only its own.
 */
export interface Turns {
  /**
   * Takes a turn of `units`. Returns undefined if it begins at once, otherwise a promise that resolves when it begins.
   * Each turn that began must be given back once with `give`.
   *
   * @param signal - aborted when the caller has left: a turn that has not begun is given up
   * @throws the signal's reason
   */
  take(key: string, units: number, signal: AbortSignal): Promise<void> | undefined
  give(key: string, units: number): void
  /** Refuses the newest waiter of the longest line with `reason`; false if no line is longer than `length`. */
  refuseLongest(length: number, reason: unknown): boolean
  readonly runningUnits: number
  readonly waiting: number
}

interface Waiter {
  readonly units: number
  begin(): void
  refuse(reason: unknown): void
}

interface Line {
  runningUnits: number
  readonly waiters: Set<Waiter>
}

export interface TurnLimits {
  readonly unitsMax: number
  readonly unitsPerKeyMax: number
}

/** Units beyond `unitsPerKeyMax` count as `unitsPerKeyMax`, so that the most expensive call still gets its turn. */
export function createTurns(limits: TurnLimits): Turns {
  return new FairTurns(limits)
}

class FairTurns implements Turns {
  readonly #limits: TurnLimits
  readonly #lines = new Map<string, Line>()
  /** Keys with waiters; the next one to serve is first. */
  readonly #rotation = new Set<string>()
  #runningUnits = 0
  #waiting = 0

  constructor(limits: TurnLimits) {
    this.#limits = limits
  }

  get runningUnits(): number {
    return this.#runningUnits
  }

  get waiting(): number {
    return this.#waiting
  }

  take(key: string, wanted: number, signal: AbortSignal): Promise<void> | undefined {
    signal.throwIfAborted()
    const units = this.#counted(wanted)
    const line = this.#lineOf(key)
    const { unitsMax, unitsPerKeyMax } = this.#limits
    const isFree = this.#runningUnits + units <= unitsMax && line.runningUnits + units <= unitsPerKeyMax
    if (this.#rotation.size > 0 || !isFree) return this.#wait(key, line, units, signal)
    this.#begin(line, units)
    return undefined
  }

  give(key: string, wanted: number): void {
    const line = this.#lines.get(key)
    if (line === undefined) throw new Error(`no turn of ${key} has begun`)
    const units = this.#counted(wanted)
    line.runningUnits -= units
    this.#runningUnits -= units
    this.#forgetIfIdle(key, line)
    this.#serve()
  }

  refuseLongest(length: number, reason: unknown): boolean {
    let longest: [string, Line] | undefined
    for (const key of this.#rotation) {
      const line = this.#lines.get(key)
      if (line !== undefined && line.waiters.size > (longest?.[1].waiters.size ?? length))
        longest = [key, line]
    }
    if (longest === undefined) return false
    const [key, line] = longest
    const newest = [...line.waiters].at(-1)
    if (newest === undefined) return false
    this.#leave(key, line, newest)
    newest.refuse(reason)
    this.#serve()
    return true
  }

  #counted(units: number): number {
    return Math.min(units, this.#limits.unitsPerKeyMax, this.#limits.unitsMax)
  }

  #lineOf(key: string): Line {
    const known = this.#lines.get(key)
    if (known !== undefined) return known
    const line: Line = { runningUnits: 0, waiters: new Set() }
    this.#lines.set(key, line)
    return line
  }

  #wait(key: string, line: Line, units: number, signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#leave(key, line, waiter)
        reject(signal.reason)
        // Other waiters may have waited behind this one.
        this.#serve()
      }
      const waiter: Waiter = {
        units,
        begin() {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
        refuse(reason) {
          signal.removeEventListener('abort', onAbort)
          reject(reason)
        },
      }
      line.waiters.add(waiter)
      this.#rotation.add(key)
      this.#waiting += 1
      signal.addEventListener('abort', onAbort, { once: true })
      this.#serve()
    })
  }

  #begin(line: Line, units: number): void {
    line.runningUnits += units
    this.#runningUnits += units
  }

  #leave(key: string, line: Line, waiter: Waiter): void {
    if (!line.waiters.delete(waiter)) return
    this.#waiting -= 1
    this.#forgetIfIdle(key, line)
  }

  #forgetIfIdle(key: string, line: Line): void {
    if (line.waiters.size === 0) this.#rotation.delete(key)
    if (line.waiters.size === 0 && line.runningUnits === 0) this.#lines.delete(key)
  }

  /** Begins turns in rounds, at most one of each key in a round, until a round begins none. */
  #serve(): void {
    const { unitsMax, unitsPerKeyMax } = this.#limits
    let began = true
    while (began && this.#rotation.size > 0 && this.#runningUnits < unitsMax) {
      began = false
      for (const key of [...this.#rotation]) {
        const line = this.#lines.get(key)
        const [waiter] = line?.waiters ?? []
        if (line === undefined || waiter === undefined) continue
        if (line.runningUnits + waiter.units > unitsPerKeyMax) continue
        // This waiter is next, so cheaper ones wait behind it: otherwise expensive ones would never find enough free
        // units.
        if (this.#runningUnits + waiter.units > unitsMax) return
        this.#rotation.delete(key)
        this.#rotation.add(key)
        this.#begin(line, waiter.units)
        this.#leave(key, line, waiter)
        waiter.begin()
        began = true
      }
    }
  }
}
