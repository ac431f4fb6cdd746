import {
  databaseSettings,
  kafkaSettings,
  shardSettings,
} from '@boxoffice/common/config/connection-settings.ts'
import { logSettings, metricsSettings, tracingSettings } from '@boxoffice/common/config/process-settings.ts'
import {
  durationMs,
  type Environment,
  integer,
  optional,
  readSettings,
  type Setting,
  type Settings,
  text,
} from '@boxoffice/common/config/settings.ts'
import { crashSettings } from '@boxoffice/common/lifecycle/crash-point.ts'
import { type OutboxNames, publicationOf } from '@boxoffice/messaging/sql'
import { placePart } from './place-part.ts'

const schemaDefault = 'public'

/** The place of the outbox: its schema, its table, and the publication of its inserts. */
const nameSettings = {
  schema: { ...identifier('OUTBOX_SCHEMA', schemaDefault), conflict: refuseLongPublication },
  table: identifier('OUTBOX_TABLE', 'outbox'),
  /** By default `outbox` in `public`, and elsewhere `<schema>_outbox`. */
  publication: optional(identifier('OUTBOX_PUBLICATION')),
} as const

/** Every setting of the relay, with its default and its bounds. */
export const settings = {
  ...logSettings,
  ...tracingSettings,
  ...metricsSettings,
  ...crashSettings,
  ...kafkaSettings,
  ...databaseSettings,
  /** The service whose outbox this is; it names the slot, see {@link layoutOf}. */
  relayName: slotPart('RELAY_NAME'),
  relayShards: shardSettings.relayShards,
  ...nameSettings,
  /** The most rows of one send. */
  batchRowsMax: integer('BATCH_ROWS_MAX', { default: 500, min: 1, max: 10_000, unit: 'rows' }),
  /** The most bytes of one send, below the largest batch that a topic accepts; a single row may be larger. */
  batchBytesMax: integer('BATCH_BYTES_MAX', { default: 786_432, min: 1_024, max: 67_108_864, unit: 'bytes' }),
  /** The time after which a relay that hangs loses the slot. */
  walSenderTimeoutMs: durationMs('WAL_SENDER_TIMEOUT_MS', { default: 5_000, min: 1_000, max: 300_000 }),
  /** The interval at which a standby checks whether the slot is free. */
  standbyPollMs: durationMs('STANDBY_POLL_MS', { default: 500, min: 50, max: 60_000 }),
  /**
   * The time for which Kafka may be away before the slot is left to another relay. It is longer than
   * `broker.session.timeout.ms`: while a killed broker still counts as in sync, no record is acknowledged, and a relay
   * that gives up earlier only repeats messages.
   */
  kafkaPatienceMs: durationMs('KAFKA_PATIENCE_MS', { default: 8_000, min: 100, max: 300_000 }),
  /**
   * The time for which a topic may be missing, or forbidden to the relay, before its rows are parked. While a system
   * is installed, its topics may come after its services.
   */
  topicPatienceMs: durationMs('TOPIC_PATIENCE_MS', { default: 300_000, min: 100, max: 86_400_000 }),
  /** The interval at which the table is searched for rows that the stream did not bring. */
  sweepIntervalMs: durationMs('SWEEP_INTERVAL_MS', { default: 30_000, min: 100, max: 3_600_000 }),
  /** The interval at which the table is read while no slot can be had. */
  scanIntervalMs: durationMs('SCAN_INTERVAL_MS', { default: 500, min: 50, max: 60_000 }),
  /** The interval at which age, lag and retained log are measured. */
  observeIntervalMs: durationMs('OBSERVE_INTERVAL_MS', { default: 10_000, min: 100, max: 600_000 }),
  /** The time that the batch in flight may take after a stop signal. */
  stopGraceMs: durationMs('STOP_GRACE_MS', { default: 5_000, min: 0, max: 60_000 }),
} as const

export type RelayConfig = Settings<typeof settings>

/** @throws ConfigError with every problem at once */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): RelayConfig {
  return readSettings(env, settings)
}

/**
 * Reads what the SQL of an outbox needs: its names, and the role that its relay will have.
 *
 * @throws ConfigError with every problem at once
 */
export function readNames(
  env: Readonly<Record<string, string | undefined>> = process.env,
): OutboxNames & { readonly outboxRole: string; readonly relayShards: number } {
  const { outboxRole, relayShards, ...names } = readSettings(env, {
    ...nameSettings,
    ...shardSettings,
    outboxRole: identifier('OUTBOX_ROLE', 'outbox_relay'),
  })
  return { ...namesOf(names), outboxRole, relayShards }
}

/** The names of the outbox, with the publication's by default. */
export function namesOf({ schema, table, publication }: Settings<typeof nameSettings>): OutboxNames {
  return { schema, table, publication: publication ?? publicationOf(schema) }
}

/**
 * A slot's name has at most 63 small letters, digits and underscores. The oid needs 10 of them, names other than
 * `outbox` in `public` need 7 (`_1f2e3d`), and a shard needs 7 (`_10of16`).
 */
function slotPart(variable: string): Setting<string> {
  const name = text(variable, { lengthMax: 45 })
  return {
    ...name,
    takes: 'at most 45 small letters, digits and underscores',
    parse: (value) => {
      if (!/^[a-z0-9_]{1,45}$/.test(value)) throw new Error('refused')
      return value
    },
    conflict: ({ RELAY_NAME = '', RELAY_SHARDS = '1', ...names }) => {
      const place = placePart({ schema: schemaOf(names), publication: publicationNameOf(names) })
      const lengthMax = 45 - (RELAY_SHARDS === '1' ? 0 : 7) - (place === '' ? 0 : 7)
      if (RELAY_NAME.length <= lengthMax) return undefined
      return `RELAY_NAME takes at most ${lengthMax} characters with these RELAY_SHARDS and names of the outbox, for the names of the slots.`
    },
  }
}

/** The name of a shard's publication has up to 7 characters more. */
function refuseLongPublication(env: Environment): string | undefined {
  if (publicationNameOf(env).length <= 56) return undefined
  return 'OUTBOX_SCHEMA is too long for a publication that is named by it: name one in OUTBOX_PUBLICATION.'
}

const schemaOf = ({ OUTBOX_SCHEMA }: Environment): string => OUTBOX_SCHEMA || schemaDefault
const publicationNameOf = (env: Environment): string => env.OUTBOX_PUBLICATION || publicationOf(schemaOf(env))

/** A name in PostgreSQL: at most 63 bytes, of which the names of the tables beside the outbox need 7. */
function identifier(variable: string, name?: string): Setting<string> {
  return {
    ...text(variable, name === undefined ? {} : { default: name }),
    takes: 'a letter or underscore, then at most 55 letters, digits and underscores',
    parse: (value) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]{0,55}$/.test(value)) throw new Error('refused')
      return value
    },
  }
}
