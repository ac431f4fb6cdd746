import type { Places } from './places.ts'
import type { CallClass } from './refusal.ts'
import type { Caller } from './token-gate.ts'
import type { Turns } from './turns.ts'

/** The place of an admitted call. */
export interface Place {
  readonly callClass: CallClass
  /** Why the token was refused, if it was: the call must be answered with it. */
  readonly tokenFailure: unknown
  /**
   * Runs `work` in the caller's turn. The turn ends when `work` has ended, also if the caller no longer waits for it.
   *
   * @throws the signal's reason if it is aborted before the turn comes, AdmissionError if the call had to make room
   */
  run<T>(signal: AbortSignal, work: () => Promise<T> | T): Promise<T>
  /** Gives the turn to other calls: the work only waits from now on. */
  yieldTurn(): void
  /** Counts bytes that the reader has not taken yet, until the returned function is called or the call is closed. */
  hold(bytes: number): () => void
  /** Records that the answer was taken or the caller has left. The place is free once the work has ended as well. */
  close(): void
}

export function createPlace({
  callClass,
  caller,
  units,
  places,
  turns,
  hold,
}: {
  readonly callClass: CallClass
  readonly caller: Caller
  readonly units: number
  readonly places: Pick<Places<CallClass>, 'leave'>
  readonly turns: Turns
  hold(bytes: number): () => void
}): Place {
  const releases = new Set<() => void>()
  let working = 0
  let turnsHeld = 0
  let closed = false
  let left = false

  const leaveIfOver = (): void => {
    if (!closed || working > 0 || left) return
    left = true
    places.leave(callClass, caller.key)
  }
  const giveTurn = (): void => {
    if (turnsHeld === 0) return
    turnsHeld -= 1
    turns.give(caller.key, units)
  }

  return {
    callClass,
    tokenFailure: caller.failure,
    async run(signal, work) {
      working += 1
      try {
        const turn = turns.take(caller.key, units, signal)
        if (turn !== undefined) await turn
        turnsHeld += 1
        try {
          return await work()
        } finally {
          giveTurn()
        }
      } finally {
        working -= 1
        leaveIfOver()
      }
    },
    yieldTurn: giveTurn,
    hold(bytes) {
      if (closed) return () => undefined
      const release = hold(bytes)
      const releaseOnce = (): void => {
        releases.delete(releaseOnce)
        release()
      }
      releases.add(releaseOnce)
      return releaseOnce
    },
    close() {
      closed = true
      for (const release of releases) release()
      leaveIfOver()
    },
  }
}
