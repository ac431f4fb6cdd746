import type { admissionSettings } from '../config/admission-settings.ts'
import type { Settings } from '../config/settings.ts'
import type { ConnectionLimits } from './connections.ts'
import type { PlaceLimits } from './places.ts'
import type { CallClass } from './refusal.ts'

/** All limits of admission. */
export interface AdmissionLimits {
  readonly places: Readonly<Record<CallClass, PlaceLimits>>
  /** The units of work that run at once; see `callUnits`. */
  readonly unitsMax: number
  readonly unitsPerCallerMax: number
  /** A caller's token bucket, in units. */
  readonly unitsPerSecond: number
  readonly burstUnits: number
  /** The rate of invalid tokens from one address. */
  readonly failedTokensPerSecond: number
  readonly failedTokensBurst: number
  /** The bytes of answers and events that their readers have not taken yet, of all calls together. */
  readonly unreadBytesMax: number
  /** The time from a call's headers to the end of its request. */
  readonly requestArrivalMaxMs: number
  readonly connections: ConnectionLimits
}

/**
 * The cost of a call in units; one unit is a write that shares its transaction with others. Units measure how much of
 * the process and its database a call uses while it works, so a few large answers count as much as many small ones.
 */
export const callUnits = { sharedWrite: 1, write: 2, read: 4, list: 16, seatMap: 64 } as const

/** Reads the limits from the settings. */
export function admissionLimits(config: Settings<typeof admissionSettings>): AdmissionLimits {
  const anonymous = { perProcess: config.anonymousCallsMax, perCaller: config.anonymousCallsPerAddressMax }
  return {
    places: {
      call: { perProcess: config.callsMax, perCaller: config.callsPerSubjectMax },
      stream: { perProcess: config.streamsMax, perCaller: config.streamsPerSubjectMax },
      anonymous_call: anonymous,
      anonymous_stream: anonymous,
    },
    unitsMax: config.workUnitsMax,
    unitsPerCallerMax: config.workUnitsPerSubjectMax,
    unitsPerSecond: config.subjectUnitsPerSecond,
    burstUnits: config.subjectBurstUnits,
    failedTokensPerSecond: config.failedTokensPerSecond,
    failedTokensBurst: config.failedTokensBurst,
    unreadBytesMax: config.unreadBytesMax,
    requestArrivalMaxMs: config.requestArrivalMaxMs,
    connections: {
      perProcess: config.connectionsMax,
      perAddress: config.connectionsPerAddressMax,
      perAddressPerSecond: config.connectionsPerAddressPerSecond,
      perAddressBurst: config.connectionsPerAddressBurst,
      idleMaxMs: config.connectionIdleMaxMs,
      ageMaxMs: config.connectionAgeMaxMs,
      ageGraceMs: config.connectionAgeGraceMs,
      refusalsPerSecond: config.connectionRefusalsPerSecond,
      refusalsBurst: config.connectionRefusalsBurst,
    },
  }
}
