/**
 * Who works next. Work costs units; each key may have only so many units running, and all keys together. What finds none free
 * waits in its key's line, and the keys are served in rotation: a caller with a thousand calls delays its own.
 */
export interface Turns {
  /**
   * Takes a turn of `units`; undefined if it begins at once, otherwise resolves when it does.
   * Each turn that began is given back once with `give`.
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

/** Units beyond `unitsPerKeyMax` count as so many: the dearest call still has its turn. */
export function createTurns({
  unitsMax,
  unitsPerKeyMax,
}: {
  readonly unitsMax: number
  readonly unitsPerKeyMax: number
}): Turns {
  const lines = new Map<string, Line>()
  /** Keys with waiters; the one whose turn it is first. */
  const rotation = new Set<string>()
  let runningUnits = 0
  let waiting = 0

  const counted = (units: number): number => Math.min(units, unitsPerKeyMax, unitsMax)

  const lineOf = (key: string): Line => {
    const known = lines.get(key)
    if (known !== undefined) return known
    const line: Line = { runningUnits: 0, waiters: new Set() }
    lines.set(key, line)
    return line
  }

  const begin = (line: Line, units: number): void => {
    line.runningUnits += units
    runningUnits += units
  }

  const forgetIfIdle = (key: string, line: Line): void => {
    if (line.waiters.size === 0) rotation.delete(key)
    if (line.waiters.size === 0 && line.runningUnits === 0) lines.delete(key)
  }

  const leave = (key: string, line: Line, waiter: Waiter): void => {
    if (!line.waiters.delete(waiter)) return
    waiting -= 1
    forgetIfIdle(key, line)
  }

  /** One round begins at most one turn of each key; rounds go on until a round begins none. */
  const serve = (): void => {
    let began = true
    while (began && rotation.size > 0 && runningUnits < unitsMax) {
      began = false
      for (const key of [...rotation]) {
        const line = lines.get(key)
        const [waiter] = line?.waiters ?? []
        if (line === undefined || waiter === undefined) continue
        if (line.runningUnits + waiter.units > unitsPerKeyMax) continue
        // It is next, so what is cheaper waits behind it: otherwise the dear ones would never find enough units free.
        if (runningUnits + waiter.units > unitsMax) return
        rotation.delete(key)
        rotation.add(key)
        begin(line, waiter.units)
        leave(key, line, waiter)
        waiter.begin()
        began = true
      }
    }
  }

  return {
    take(key, wanted, signal) {
      signal.throwIfAborted()
      const units = counted(wanted)
      const line = lineOf(key)
      const isFree = runningUnits + units <= unitsMax && line.runningUnits + units <= unitsPerKeyMax
      if (rotation.size === 0 && isFree) {
        begin(line, units)
        return undefined
      }
      return new Promise<void>((resolve, reject) => {
        const onAbort = (): void => {
          leave(key, line, waiter)
          reject(signal.reason)
          // It may have been what others waited behind.
          serve()
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
        rotation.add(key)
        waiting += 1
        signal.addEventListener('abort', onAbort, { once: true })
        serve()
      })
    },
    give(key, wanted) {
      const line = lines.get(key)
      if (line === undefined) throw new Error(`no turn of ${key} has begun`)
      const units = counted(wanted)
      line.runningUnits -= units
      runningUnits -= units
      forgetIfIdle(key, line)
      serve()
    },
    refuseLongest(length, reason) {
      let longest: [string, Line] | undefined
      for (const key of rotation) {
        const line = lines.get(key)
        if (line !== undefined && line.waiters.size > (longest?.[1].waiters.size ?? length))
          longest = [key, line]
      }
      if (longest === undefined) return false
      const [key, line] = longest
      const newest = [...line.waiters].at(-1)
      if (newest === undefined) return false
      leave(key, line, newest)
      newest.refuse(reason)
      serve()
      return true
    },
    get runningUnits() {
      return runningUnits
    },
    get waiting() {
      return waiting
    },
  }
}
