import { grpcClientSettings } from '@boxoffice/common/config/connection-settings.ts'
import { isLoopback } from '@boxoffice/common/config/loopback.ts'
import {
  durationMs,
  type Environment,
  hostPort,
  hostPorts,
  readSettings,
  text,
} from '@boxoffice/common/config/settings.ts'
import { serviceSettings } from '@boxoffice/common/service/service-settings.ts'

/** Every setting of the console. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env) {
  return readSettings(env, {
    ...serviceSettings,
    ...grpcClientSettings,
    /** Where the page and its API are served. */
    httpAddress: hostPort('HTTP_ADDRESS', { default: httpDefault }),
    /** The gRPC addresses of the services, `host:port` or `dns:///host:port`. */
    paymentAddress: text('PAYMENT_ADDRESS'),
    pointAddress: text('POINT_ADDRESS'),
    reservationAddress: text('RESERVATION_ADDRESS'),
    /**
     * The addresses where services and relays serve their metrics. The console reads from them how much waits in the
     * outboxes, the numbers of dead letters, and how long the parts of a hop take.
     */
    metricsTargets: hostPorts('METRICS_TARGETS', { default: [] }),
    /** The built page; a folder. */
    pageDir: text('PAGE_DIR', { default: 'services/console/dist' }),
    /**
     * The file of a private key as a JWK, for local systems only. It signs the tokens of links that sign in once. If
     * empty, every user needs a token.
     */
    demoKeyFile: { ...text('DEMO_KEY_FILE', { default: '' }), conflict: refuseOtherMachines },
    /** How often an open stream sends a heartbeat. */
    heartbeatMs: durationMs('STREAM_HEARTBEAT_MS', { default: 15_000, min: 100, max: 60_000 }),
    /** A payment that stays open for longer is shown as stuck. */
    stuckAfterMs: durationMs('STUCK_AFTER_MS', { default: 120_000, min: 1_000, max: 86_400_000 }),
  })
}

const httpDefault = '127.0.0.1:0'

/** The demo is for users of this machine only. */
function refuseOtherMachines({ HTTP_ADDRESS = '' }: Environment): string | undefined {
  const address = HTTP_ADDRESS.trim() || httpDefault
  if (isLoopback(address.slice(0, address.lastIndexOf(':')))) return undefined
  return `DEMO_KEY_FILE is set and HTTP_ADDRESS is ${JSON.stringify(address)}, which other machines reach; the demo's sign-in is for 127.0.0.1 or localhost.`
}
