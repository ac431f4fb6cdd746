import { grpcClientSettings, kafkaSettings } from '@boxoffice/common/config/connection-settings.ts'
import { passwordFile } from '@boxoffice/common/config/file-settings.ts'
import { logSettings, metricsSettings } from '@boxoffice/common/config/process-settings.ts'
import {
  durationMs,
  integer,
  oneOf,
  readSettings,
  type Setting,
  type Settings,
  text,
} from '@boxoffice/common/config/settings.ts'

const settings = {
  ...logSettings,
  ...metricsSettings,
  ...kafkaSettings,
  ...grpcClientSettings,
  /** The host of the API server; Kubernetes sets it in every pod. */
  kubernetesHost: text('KUBERNETES_SERVICE_HOST'),
  kubernetesPort: integer('KUBERNETES_SERVICE_PORT', { min: 1, max: 65_535 }),
  /** The folder with this pod's `token`, `ca.crt` and `namespace`. */
  serviceAccountDir: text('SERVICE_ACCOUNT_DIR', {
    default: '/var/run/secrets/kubernetes.io/serviceaccount',
  }),
  /** The identity of this replica in the election of a leader. */
  identity: text('POD_NAME', { default: `operator-${process.pid}`, lengthMax: 253 }),
  leaseName: text('LEASE_NAME', { default: 'boxoffice-operator', lengthMax: 253 }),
  /** A leader that has not renewed its lease for this long has lost it. */
  leaseDurationMs: durationMs('LEASE_DURATION_MS', { default: 15_000, min: 3_000, max: 300_000 }),
  /** The addresses of the gRPC APIs of this namespace's services, by consumer group. */
  services: addresses('SERVICES'),
  /** The bearer token for the services' operator APIs; its role is `operator`. Read for each call. */
  tokenFile: passwordFile('TOKEN_FILE'),
  /** Whether replays of other namespaces fail with a reason (`all`), or are left to another operator (`own`). */
  replayNamespaces: oneOf('REPLAY_NAMESPACES', ['all', 'own'], { default: 'own' }),
  /** Groups that come and go with a process, and get no resource. */
  ignoredGroups: regularExpression('IGNORED_GROUPS', { default: '-tail-[0-9a-f-]{36}$|^read-ranges-' }),
  /** How often Kafka is asked about its groups: with the round itself, lag is at most five seconds old. */
  observeIntervalMs: durationMs('OBSERVE_INTERVAL_MS', { default: 4_000, min: 200, max: 60_000 }),
  /** How often the services are asked for the number of their dead letters. */
  deadLetterIntervalMs: durationMs('DEAD_LETTER_INTERVAL_MS', { default: 10_000, min: 200, max: 600_000 }),
  /** How often a running replay is checked. */
  replayIntervalMs: durationMs('REPLAY_INTERVAL_MS', { default: 1_000, min: 100, max: 60_000 }),
  /** How often everything is listed again, whatever the watches have reported. */
  resyncIntervalMs: durationMs('RESYNC_INTERVAL_MS', { default: 300_000, min: 1_000, max: 86_400_000 }),
} as const

export type OperatorConfig = Settings<typeof settings>

/** @throws ConfigError with every problem at once */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): OperatorConfig {
  return readSettings(env, settings)
}

/** `payment=payment:50051,point=dns:///point:50051`. */
function addresses(variable: string): Setting<ReadonlyMap<string, string>> {
  return {
    variable,
    takes: 'group=host:port or group=dns:///host:port, several separated by commas',
    parse(value) {
      const pairs = value.split(',').map((pair): [string, string] => {
        const [, group, address] =
          /^([\w.-]{1,249})=((?:dns:\/\/\/)?[^\s=/]+:\d{1,5})$/.exec(pair.trim()) ?? []
        if (group === undefined || address === undefined) throw new Error('refused')
        return [group, address]
      })
      const found = new Map(pairs)
      if (found.size < pairs.length) throw new Error('refused')
      return found
    },
  }
}

function regularExpression(variable: string, options: { readonly default: string }): Setting<RegExp> {
  return {
    variable,
    default: new RegExp(options.default),
    takes: `a regular expression, such as ${options.default}`,
    parse: (value) => new RegExp(value),
  }
}
