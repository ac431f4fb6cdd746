import type { admissionSettings } from '../config/admission-settings.ts'
import type { Settings } from '../config/settings.ts'
import type { ConnectionLimits } from './connections.ts'
import type { PlaceLimits } from './places.ts'
import type { CallClass } from './refusal.ts'

/** All that admission holds calls to. */
export interface AdmissionLimits {
  readonly places: Readonly<Record<CallClass, PlaceLimits>>
  /** Units of work that run at once; see `callUnits`. */
  readonly unitsMax: number
  readonly unitsPerCallerMax: number
  /** A caller's token bucket, in units. */
  readonly unitsPerSecond: number
  readonly burstUnits: number
  /** Tokens that were not valid, of one address. */
  readonly failedTokensPerSecond: number
  readonly failedTokensBurst: number
  /** Answers and events that were made and not yet taken by their readers, of all calls together. */
  readonly unreadBytesMax: number
  /** From a call's headers to the end of its request. */
  readonly requestArrivalMaxMs: number
  readonly connections: ConnectionLimits
}

/**
 * What a call costs, in units: one is a write that shares its transaction with others. They say how much of the process and of
 * its database a call takes while it works, so that a few large answers count as much as many small ones.
 */
export const callUnits = { sharedWrite: 1, write: 2, read: 4, list: 16, seatMap: 64 } as const

/** What the settings say, as limits. */
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
