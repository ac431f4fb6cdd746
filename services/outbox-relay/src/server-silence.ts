/** What a relay does about a server from which nothing has come for a while. */
export type Silence = 'fine' | 'ask' | 'dead'

export interface SilenceBounds {
  /** A server may be quiet for so long: an idle one has nothing to say. */
  readonly quietMs: number
  /** So many questions in a row, one at each look, may stay without an answer. */
  readonly questionsMax: number
}

/**
 * Tells a quiet server from a dead one, which look the same until one of them is asked: a walsender whose reader reports its
 * position each second never needs to speak by itself.
 *
 * Questions are counted, and not the time since the first: a relay that was paused looks once when it wakes up, and the
 * answer has then been waiting for it.
 */
export class ServerSilence {
  readonly #bounds: SilenceBounds
  #heardAtMs: number
  #questions = 0

  constructor(bounds: SilenceBounds, nowMs: number) {
    this.#bounds = bounds
    this.#heardAtMs = nowMs
  }

  /** Something came, whatever it says; or the relay did not listen until now. */
  heard(nowMs: number): void {
    this.#heardAtMs = nowMs
    this.#questions = 0
  }

  /** To be asked at regular intervals; each `ask` is taken to be sent. */
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
