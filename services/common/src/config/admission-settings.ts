import { durationMs, integer } from './settings.ts'

/**
 * The limits of what callers use at once. The defaults fit a heap of 128 MB (the chart, and `npm start`). Read
 * docs/operations.md before you raise them.
 */
export const admissionSettings = {
  /** Calls in flight with a valid token: working, or waiting for their turn. */
  callsMax: integer('CALLS_MAX', { default: 768, min: 8, max: 100_000, unit: 'calls' }),
  callsPerSubjectMax: integer('CALLS_PER_SUBJECT_MAX', { default: 128, min: 1, max: 100_000, unit: 'calls' }),
  /** Open streams with a valid token. */
  streamsMax: integer('STREAMS_MAX', { default: 512, min: 1, max: 100_000, unit: 'streams' }),
  streamsPerSubjectMax: integer('STREAMS_PER_SUBJECT_MAX', {
    default: 64,
    min: 1,
    max: 100_000,
    unit: 'streams',
  }),
  /** Calls, and as many streams, without a valid token: health checks, reflection, calls refused for their token. */
  anonymousCallsMax: integer('ANONYMOUS_CALLS_MAX', { default: 128, min: 1, max: 100_000, unit: 'calls' }),
  /** The same for one address; for IPv6 a /64 is one address. Behind a proxy all callers have the proxy's address. */
  anonymousCallsPerAddressMax: integer('ANONYMOUS_CALLS_PER_ADDRESS_MAX', {
    default: 32,
    min: 1,
    max: 100_000,
    unit: 'calls',
  }),
  /** Units of work at once: a checkout is 1, another write 2, a read 4, a page of a list 16, one of a seat map 64. */
  workUnitsMax: integer('WORK_UNITS_MAX', { default: 64, min: 16, max: 10_000, unit: 'units' }),
  /** The units that one subject may use at once. Work without free units waits, in turns of subjects. */
  workUnitsPerSubjectMax: integer('WORK_UNITS_PER_SUBJECT_MAX', {
    default: 32,
    min: 16,
    max: 10_000,
    unit: 'units',
  }),
  /** The average number of units of work a second that one subject may ask for. */
  subjectUnitsPerSecond: integer('SUBJECT_UNITS_PER_SECOND', {
    default: 400,
    min: 1,
    max: 1_000_000,
    unit: 'units a second',
  }),
  /** The number of units that a subject may ask for at once after a rest. */
  subjectBurstUnits: integer('SUBJECT_BURST_UNITS', {
    default: 2_000,
    min: 16,
    max: 1_000_000,
    unit: 'units',
  }),
  /** The average number of invalid tokens from one address; each costs a signature check. */
  failedTokensPerSecond: integer('FAILED_TOKENS_PER_SECOND', {
    default: 20,
    min: 1,
    max: 100_000,
    unit: 'tokens a second',
  }),
  failedTokensBurst: integer('FAILED_TOKENS_BURST', { default: 100, min: 1, max: 100_000, unit: 'tokens' }),
  /** Bytes of answers and events that their readers have not taken yet; the slowest readers are dropped first. */
  unreadBytesMax: integer('UNREAD_BYTES_MAX', {
    default: 33_554_432,
    min: 1_048_576,
    max: 4_294_967_296,
    unit: 'bytes',
  }),
  /** Connections, also before their TLS handshake. */
  connectionsMax: integer('CONNECTIONS_MAX', { default: 400, min: 1, max: 100_000, unit: 'connections' }),
  /** Connections of one address; for IPv6 a /64 is one address. Behind a proxy all callers have its address. */
  connectionsPerAddressMax: integer('CONNECTIONS_PER_ADDRESS_MAX', {
    default: 256,
    min: 1,
    max: 100_000,
    unit: 'connections',
  }),
  /** New connections of one address, on average; each costs a handshake. One cut for refused calls counts ten more. */
  connectionsPerAddressPerSecond: integer('CONNECTIONS_PER_ADDRESS_PER_SECOND', {
    default: 50,
    min: 1,
    max: 100_000,
    unit: 'connections a second',
  }),
  connectionsPerAddressBurst: integer('CONNECTIONS_PER_ADDRESS_BURST', {
    default: 256,
    min: 1,
    max: 100_000,
    unit: 'connections',
  }),
  /** A connection is asked to end after this long, and cut CONNECTION_AGE_GRACE_MS later. */
  connectionAgeMaxMs: durationMs('CONNECTION_AGE_MAX_MS', {
    default: 1_800_000,
    min: 1_000,
    max: 86_400_000,
  }),
  connectionAgeGraceMs: durationMs('CONNECTION_AGE_GRACE_MS', { default: 60_000, min: 100, max: 3_600_000 }),
  /** The average number of refused calls of one connection; a connection with more is cut. Raise it behind a proxy. */
  connectionRefusalsPerSecond: integer('CONNECTION_REFUSALS_PER_SECOND', {
    default: 20,
    min: 1,
    max: 100_000,
    unit: 'calls a second',
  }),
  connectionRefusalsBurst: integer('CONNECTION_REFUSALS_BURST', {
    default: 100,
    min: 1,
    max: 100_000,
    unit: 'calls',
  }),
  /** The time from a call's headers to the end of its request. A caller who stops in between loses its place. */
  requestArrivalMaxMs: durationMs('REQUEST_ARRIVAL_MAX_MS', { default: 10_000, min: 100, max: 600_000 }),
  /** A connection without a call ends after this long. */
  connectionIdleMaxMs: durationMs('CONNECTION_IDLE_MAX_MS', {
    default: 300_000,
    min: 1_000,
    max: 86_400_000,
  }),
} as const
