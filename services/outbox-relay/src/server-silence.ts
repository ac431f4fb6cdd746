/** What a relay does about a server that has been silent for a while. */
export type Silence = 'fine' | 'ask' | 'dead'

export interface SilenceBounds {
  /** The time that a server may be quiet: an idle server has nothing to send. */
  readonly quietMs: number
  /** The number of questions in a row, one per look, that may stay without an answer. */
  readonly questionsMax: number
}

/**
 * Distinguishes a quiet server from a dead one. They look the same until one of them is asked: a walsender whose
 * reader reports its position each second never needs to send by itself.
 *
 * It counts questions, not the time since the first: a relay that was paused looks once when it wakes up, and the
 * answer is waiting for it by then.
 */
export class ServerSilence {
  readonly #bounds: SilenceBounds
  #heardAtMs: number
  #questions = 0

  constructor(bounds: SilenceBounds, nowMs: number) {
    this.#bounds = bounds
    this.#heardAtMs = nowMs
  }

  /** A message came, whatever it is; or the relay did not read until now. */
  heard(nowMs: number): void {
    this.#heardAtMs = nowMs
    this.#questions = 0
  }

  /** Called at regular intervals; the caller sends a question for each `ask`. */
  look(nowMs: number): Silence {
    if (nowMs - this.#heardAtMs < this.#bounds.quietMs) return 'fine'
    if (this.#questions >= this.#bounds.questionsMax) return 'dead'
    this.#questions += 1
    return 'ask'
  }

  silentMs(nowMs: number): number {
    return Math.round(nowMs - this.#heardAtMs)
  }
}
