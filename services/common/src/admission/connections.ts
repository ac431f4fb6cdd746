import type { Socket } from 'node:net'
import { peerOf } from './peer-address.ts'
import { createRateBound } from './rate-bound.ts'
import type { Bound } from './refusal.ts'

export interface ConnectionLimits {
  readonly perProcess: number
  readonly perAddress: number
  /** Connections that one address may open, on average and at once. */
  readonly perAddressPerSecond: number
  readonly perAddressBurst: number
  /** A connection that serves no call for so long is cut. */
  readonly idleMaxMs: number
  /** A connection that is older than this is ended by its server, or cut when it still lives after the grace. */
  readonly ageMaxMs: number
  readonly ageGraceMs: number
  /** Calls of one connection that may be refused, on average and at once. */
  readonly refusalsPerSecond: number
  readonly refusalsBurst: number
}

/** The connections of a process, over all of its servers. */
export interface Connections {
  /**
   * Counts a socket that was accepted, before anything is read from it; a TLS handshake would cost more than all the rest. When
   * there are too many, one that has served no call for a while makes room; without one, or when its address has opened too many
   * of late, the new socket is cut, and this is false.
   */
  admit(socket: Socket): boolean
  /** A call has begun on the connection: it is not idle. Returns what ends the call. */
  beginCall(address: string | undefined, port: number | undefined): () => void
  /**
   * A call on the connection was not let in. A connection with too many of these is cut: each costs as much as a small call. One
   * that brings no token counts as ten. What is cut comes back, so its address pays for ten more connections.
   */
  refuseCall(address: string | undefined, port: number | undefined, hasToken: boolean): void
  /** Whether the connection was cut: calls that were read from it before are not worth an answer. */
  isCut(address: string | undefined, port: number | undefined): boolean
  readonly open: number
  /** Stops looking after them; cuts nothing. */
  close(): void
}

interface Connection {
  readonly socket: Socket
  readonly peer: string
  readonly openedAtMs: number
  calls: number
  idleSinceMs: number
}

/** So long it must have been idle to make room: so a flood opens only so many connections a second. */
const idleMsBeforeCut = 1_000
/** The server says good-bye by itself before: a socket that is still there is one without a session. */
const sweepMarginMs = 5_000
const sweepMsMax = 5_000
const tokenlessRefusal = 10
const cutCost = 10

/** @param now - milliseconds, never set back */
export function createConnections(
  limits: ConnectionLimits,
  onRefused: (bound: Bound) => void,
  now: () => number = () => performance.now(),
): Connections {
  const connections = new Map<string, Connection>()
  const perPeer = new Map<string, number>()
  const refusals = createRateBound({
    unitsPerSecond: limits.refusalsPerSecond,
    burstUnits: limits.refusalsBurst,
    now,
  })
  const opened = createRateBound({
    unitsPerSecond: limits.perAddressPerSecond,
    burstUnits: limits.perAddressBurst,
    now,
  })

  const forget = (key: string, connection: Connection): void => {
    if (connections.get(key) !== connection) return
    connections.delete(key)
    const left = (perPeer.get(connection.peer) ?? 1) - 1
    if (left === 0) perPeer.delete(connection.peer)
    else perPeer.set(connection.peer, left)
  }

  const cut = (key: string, connection: Connection): void => {
    forget(key, connection)
    connection.socket.destroy()
  }

  /** Cuts the connection that was idle for the longest, of the address or else of the one that has the most. */
  const makeRoom = (peer: string | undefined): boolean => {
    const idleBefore = now() - idleMsBeforeCut
    const share = (one: Connection): number => (peer === undefined ? (perPeer.get(one.peer) ?? 0) : 0)
    let best: [string, Connection] | undefined
    for (const entry of connections) {
      const [, one] = entry
      if (one.calls > 0 || one.idleSinceMs > idleBefore || (peer !== undefined && one.peer !== peer)) continue
      const more = best === undefined ? 1 : share(one) - share(best[1])
      if (best === undefined || more > 0 || (more === 0 && one.idleSinceMs < best[1].idleSinceMs))
        best = entry
    }
    if (best === undefined) return false
    cut(...best)
    return true
  }

  const sweep = (): void => {
    const at = now()
    for (const [key, one] of connections) {
      const isIdle = one.calls === 0 && at - one.idleSinceMs > limits.idleMaxMs + sweepMarginMs
      // The server's own jitter is a tenth.
      const isOld = at - one.openedAtMs > limits.ageMaxMs * 1.1 + limits.ageGraceMs + sweepMarginMs
      if (isIdle || isOld) cut(key, one)
    }
  }
  const timer = setInterval(sweep, Math.min(limits.idleMaxMs, sweepMsMax)).unref()

  return {
    admit(socket) {
      const peer = peerOf(socket.remoteAddress)
      if (opened.take(peer, 1) > 0) {
        onRefused('connection_rate_per_address')
        socket.destroy()
        return false
      }
      const bound =
        (perPeer.get(peer) ?? 0) >= limits.perAddress
          ? 'connections_per_address'
          : connections.size >= limits.perProcess
            ? 'connections_per_process'
            : undefined
      if (bound !== undefined) {
        onRefused(bound)
        if (!makeRoom(bound === 'connections_per_address' ? peer : undefined)) {
          socket.destroy()
          return false
        }
      }
      const at = now()
      const connection: Connection = { socket, peer, openedAtMs: at, calls: 0, idleSinceMs: at }
      const key = keyOf(socket.remoteAddress, socket.remotePort)
      connections.set(key, connection)
      perPeer.set(peer, (perPeer.get(peer) ?? 0) + 1)
      socket.once('close', () => forget(key, connection))
      return true
    },
    beginCall(address, port) {
      const connection = connections.get(keyOf(address, port))
      if (connection === undefined) return () => undefined
      connection.calls += 1
      return () => {
        connection.calls -= 1
        if (connection.calls === 0) connection.idleSinceMs = now()
      }
    },
    refuseCall(address, port, hasToken) {
      const key = keyOf(address, port)
      const connection = connections.get(key)
      if (connection === undefined || refusals.take(key, hasToken ? 1 : tokenlessRefusal) === 0) return
      onRefused('refusals_per_connection')
      cut(key, connection)
      opened.charge(connection.peer, cutCost)
    },
    isCut: (address, port) => !connections.has(keyOf(address, port)),
    get open() {
      return connections.size
    },
    close: () => clearInterval(timer),
  }
}

function keyOf(address: string | undefined, port: number | undefined): string {
  return `${address}:${port}`
}
