import type { Authenticator } from '../auth/auth.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { createAdmissionMeter } from './admission-metrics.ts'
import { createByteBudget } from './byte-budget.ts'
import { type Connections, createConnections } from './connections.ts'
import type { AdmissionLimits } from './limits.ts'
import { peerOf } from './peer-address.ts'
import { createPlace, type Place } from './place.ts'
import { createPlaces } from './places.ts'
import { createRateBound } from './rate-bound.ts'
import { AdmissionError, type Bound, type CallClass } from './refusal.ts'
import { type Caller, createTokenGate, knownAs, strangerAt } from './token-gate.ts'
import { createTurns } from './turns.ts'

export type { Place } from './place.ts'

/** A call that has arrived, before anything but its headers is read. */
export interface ArrivingCall {
  readonly authorization: string | undefined
  /** The peer's address. */
  readonly address: string | undefined
  readonly isStream: boolean
  /** The units of work that the call costs; see `callUnits`. */
  readonly units: number
}

export interface Admission {
  /**
   * Admits a call or refuses it. A known token is not verified again here.
   *
   * @param drop - cuts the call off without an answer
   * @throws AdmissionError
   */
  enter(call: ArrivingCall, drop: () => void): Place | Promise<Place>
  /** Counts a refusal that another part has decided. */
  refused(bound: Bound, callClass: CallClass | 'connection'): void
  readonly limits: AdmissionLimits
  readonly connections: Connections
  readonly unread: { readonly bytes: number; hold(bytes: number, drop: () => void): () => void }
}

/** The one step before decoding and before the database, for gRPC and HTTP: it limits what callers use at once. */
export function createAdmission({
  auth,
  limits,
  metrics,
}: {
  readonly auth: Authenticator
  readonly limits: AdmissionLimits
  readonly metrics: Metrics
}): Admission {
  const places = createPlaces(limits.places)
  const turns = createTurns({ unitsMax: limits.unitsMax, unitsPerKeyMax: limits.unitsPerCallerMax })
  const rate = createRateBound(limits)
  const tokens = createTokenGate(auth, limits)
  const meter = createAdmissionMeter(metrics, {
    inFlight: places.inFlight,
    waiting: () => turns.waiting,
    unreadBytes: () => unread.bytes,
    connections: () => connections.open,
  })
  const connections = createConnections(limits.connections, (bound) => meter.refused(bound, 'connection'))
  const unread = createByteBudget({
    bytesMax: limits.unreadBytesMax,
    onDropped: () => meter.refused('unread_answers', 'call'),
  })

  const admit = (call: ArrivingCall, caller: Caller, drop: () => void): Place => {
    const callClass: CallClass = `${caller.isKnown ? '' : 'anonymous_'}${call.isStream ? 'stream' : 'call'}`
    try {
      const waitMs = rate.take(caller.key, call.units)
      if (waitMs > 0) throw new AdmissionError('rate_per_caller', waitMs)
      places.enter(callClass, caller.key, (own) => {
        const madeRoom = turns.refuseLongest(own, new AdmissionError('calls_per_process', roomMs))
        if (madeRoom) meter.refused('calls_per_process', 'call')
        return madeRoom
      })
    } catch (error) {
      if (error instanceof AdmissionError) meter.refused(error.bound, callClass)
      throw error
    }
    meter.admitted(callClass)
    const hold = (bytes: number) => unread.hold(bytes, drop)
    return createPlace({ callClass, caller, units: call.units, places, turns, hold })
  }

  return {
    enter(call, drop) {
      const peer = peerOf(call.address)
      if (!call.authorization) return admit(call, strangerAt(peer), drop)
      const subject = tokens.subjectOf(call.authorization)
      if (subject !== undefined) return admit(call, knownAs(subject), drop)
      return tokens.verify(call.authorization, peer).then(
        (caller) => admit(call, caller, drop),
        (error) => {
          if (error instanceof AdmissionError)
            meter.refused(error.bound, call.isStream ? 'anonymous_stream' : 'anonymous_call')
          throw error
        },
      )
    },
    refused: meter.refused,
    limits,
    connections,
    unread,
  }
}

const roomMs = 250
