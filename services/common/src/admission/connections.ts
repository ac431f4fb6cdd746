import type { Socket } from 'node:net'
import { peerOf } from './peer-address.ts'
import { createRateBound, type RateBound } from './rate-bound.ts'
import type { Bound } from './refusal.ts'

export interface ConnectionLimits {
  readonly perProcess: number
  readonly perAddress: number
  /** The rate of connections that one address may open: the average, and the burst. */
  readonly perAddressPerSecond: number
  readonly perAddressBurst: number
  /** A connection without a call for this long is cut. */
  readonly idleMaxMs: number
  /** The server ends a connection that is older than this, and cuts it if it still lives after the grace. */
  readonly ageMaxMs: number
  readonly ageGraceMs: number
  /** The rate of calls of one connection that may be refused: the average, and the burst. */
  readonly refusalsPerSecond: number
  readonly refusalsBurst: number
}

/** The connections of a process, over all of its servers. */
export interface Connections {
  /**
   * Counts an accepted socket before anything is read from it, as a TLS handshake would cost more than all the rest.
   * If there are too many connections, one that has been idle for a while is cut to make room. If none is, or if the
   * address has opened too many of late, the new socket is cut, and this returns false.
   */
  admit(socket: Socket): boolean
  /** Records that a call has begun on the connection, so it is not idle. Returns the function that ends the call. */
  beginCall(address: string | undefined, port: number | undefined): () => void
  /**
   * Records a refused call. A connection with too many of these is cut, as each costs as much as a small call. One
   * without a token counts as ten. Cut peers reconnect, so the cut costs the address ten more connections.
   */
  refuseCall(address: string | undefined, port: number | undefined, hasToken: boolean): void
  /** Whether the connection was cut: calls that were read from it before need no answer. */
  isCut(address: string | undefined, port: number | undefined): boolean
  readonly open: number
  /** Stops the sweeps; cuts nothing. */
  close(): void
}

interface Connection {
  readonly socket: Socket
  readonly peer: string
  readonly openedAtMs: number
  calls: number
  idleSinceMs: number
}

/** Only connections that were idle for this long make room, so a flood can open only so many connections a second. */
const idleMsBeforeCut = 1_000
/** The server ends connections itself before this: a socket that is still open after it has no session. */
const sweepMarginMs = 5_000
const sweepMsMax = 5_000
const tokenlessRefusal = 10
const cutCost = 10

/** @param now - a clock in milliseconds that never goes back */
export function createConnections(
  limits: ConnectionLimits,
  onRefused: (bound: Bound) => void,
  now: () => number = () => performance.now(),
): Connections {
  return new OpenConnections(limits, onRefused, now)
}

class OpenConnections implements Connections {
  readonly #limits: ConnectionLimits
  readonly #onRefused: (bound: Bound) => void
  readonly #now: () => number
  readonly #connections = new Map<string, Connection>()
  readonly #perPeer = new Map<string, number>()
  readonly #refusals: RateBound
  readonly #opened: RateBound
  readonly #timer: NodeJS.Timeout

  constructor(limits: ConnectionLimits, onRefused: (bound: Bound) => void, now: () => number) {
    this.#limits = limits
    this.#onRefused = onRefused
    this.#now = now
    const { refusalsPerSecond, refusalsBurst, perAddressPerSecond, perAddressBurst } = limits
    this.#refusals = createRateBound({ unitsPerSecond: refusalsPerSecond, burstUnits: refusalsBurst, now })
    this.#opened = createRateBound({ unitsPerSecond: perAddressPerSecond, burstUnits: perAddressBurst, now })
    const sweepMs = Math.min(limits.idleMaxMs, sweepMsMax)
    this.#timer = setInterval(() => this.#sweep(), sweepMs).unref()
  }

  get open(): number {
    return this.#connections.size
  }

  admit(socket: Socket): boolean {
    const peer = peerOf(socket.remoteAddress)
    const bound = this.#opened.take(peer, 1) > 0 ? 'connection_rate_per_address' : this.#boundOf(peer)
    if (bound !== undefined) this.#onRefused(bound)
    if (bound !== undefined && !this.#makesRoom(bound, peer)) {
      socket.destroy()
      return false
    }
    const at = this.#now()
    const connection: Connection = { socket, peer, openedAtMs: at, calls: 0, idleSinceMs: at }
    const key = keyOf(socket.remoteAddress, socket.remotePort)
    this.#connections.set(key, connection)
    this.#perPeer.set(peer, (this.#perPeer.get(peer) ?? 0) + 1)
    socket.once('close', () => this.#forget(key, connection))
    return true
  }

  beginCall(address: string | undefined, port: number | undefined): () => void {
    const connection = this.#connections.get(keyOf(address, port))
    if (connection === undefined) return () => undefined
    connection.calls += 1
    return () => {
      connection.calls -= 1
      if (connection.calls === 0) connection.idleSinceMs = this.#now()
    }
  }

  refuseCall(address: string | undefined, port: number | undefined, hasToken: boolean): void {
    const key = keyOf(address, port)
    const connection = this.#connections.get(key)
    const cost = hasToken ? 1 : tokenlessRefusal
    if (connection === undefined || this.#refusals.take(key, cost) === 0) return
    this.#onRefused('refusals_per_connection')
    this.#cut(key, connection)
    this.#opened.charge(connection.peer, cutCost)
  }

  isCut(address: string | undefined, port: number | undefined): boolean {
    return !this.#connections.has(keyOf(address, port))
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** The bound that one more connection of this address would exceed. */
  #boundOf(peer: string): Bound | undefined {
    if ((this.#perPeer.get(peer) ?? 0) >= this.#limits.perAddress) return 'connections_per_address'
    return this.#connections.size >= this.#limits.perProcess ? 'connections_per_process' : undefined
  }

  /** Cuts the connection that was idle for the longest: of this address, or else of the address with the most. */
  #makesRoom(bound: Bound, peer: string): boolean {
    if (bound === 'connection_rate_per_address') return false
    const found = this.#longestIdle(bound === 'connections_per_address' ? peer : undefined)
    if (found === undefined) return false
    this.#cut(...found)
    return true
  }

  #longestIdle(peer: string | undefined): [string, Connection] | undefined {
    const idleBefore = this.#now() - idleMsBeforeCut
    const share = (connection: Connection): number =>
      peer === undefined ? (this.#perPeer.get(connection.peer) ?? 0) : 0
    let best: [string, Connection] | undefined
    for (const entry of this.#connections) {
      const [, connection] = entry
      if (connection.calls > 0 || connection.idleSinceMs > idleBefore) continue
      if (peer !== undefined && connection.peer !== peer) continue
      const more = best === undefined ? 1 : share(connection) - share(best[1])
      if (best === undefined || more > 0 || (more === 0 && connection.idleSinceMs < best[1].idleSinceMs))
        best = entry
    }
    return best
  }

  #sweep(): void {
    const { idleMaxMs, ageMaxMs, ageGraceMs } = this.#limits
    const at = this.#now()
    for (const [key, connection] of this.#connections) {
      const isIdle = connection.calls === 0 && at - connection.idleSinceMs > idleMaxMs + sweepMarginMs
      // The server's own jitter is ten per cent.
      const isOld = at - connection.openedAtMs > ageMaxMs * 1.1 + ageGraceMs + sweepMarginMs
      if (isIdle || isOld) this.#cut(key, connection)
    }
  }

  #cut(key: string, connection: Connection): void {
    this.#forget(key, connection)
    connection.socket.destroy()
  }

  #forget(key: string, connection: Connection): void {
    if (this.#connections.get(key) !== connection) return
    this.#connections.delete(key)
    const left = (this.#perPeer.get(connection.peer) ?? 1) - 1
    if (left === 0) this.#perPeer.delete(connection.peer)
    else this.#perPeer.set(connection.peer, left)
  }
}

function keyOf(address: string | undefined, port: number | undefined): string {
  return `${address}:${port}`
}
