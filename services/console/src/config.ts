import { grpcClientSettings } from '@boxoffice/common/config/connection-settings.ts'
import { serviceSettings } from '@boxoffice/common/config/service-settings.ts'
import { durationMs, hostPort, hostPorts, readSettings, text } from '@boxoffice/common/config/settings.ts'

/** Every setting of the console. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env) {
  return readSettings(env, {
    ...serviceSettings,
    ...grpcClientSettings,
    /** Where the page and its API are served. */
    httpAddress: hostPort('HTTP_ADDRESS', { default: '127.0.0.1:0' }),
    /** The gRPC addresses of the services, `host:port` or `dns:///host:port`. */
    paymentAddress: text('PAYMENT_ADDRESS'),
    pointAddress: text('POINT_ADDRESS'),
    reservationAddress: text('RESERVATION_ADDRESS'),
    /**
     * Where services and relays serve their metrics: what waits, what is put aside and how long the parts of a hop
     * take is read there.
     */
    metricsTargets: hostPorts('METRICS_TARGETS', { default: [] }),
    /** The built page; a folder. */
    pageDir: text('PAGE_DIR', { default: 'services/console/dist' }),
    /**
     * A private key as a JWK, of a local system only: whoever opens the page is signed in with it as a demo user who may
     * operate. Empty: everybody brings a token.
     */
    demoKeyFile: text('DEMO_KEY_FILE', { default: '' }),
    /** How often a reader of the stream is told that it is still there. */
    heartbeatMs: durationMs('STREAM_HEARTBEAT_MS', { default: 15_000, min: 100, max: 60_000 }),
    /** A payment that is open for longer is shown as stuck. */
    stuckAfterMs: durationMs('STUCK_AFTER_MS', { default: 120_000, min: 1_000, max: 86_400_000 }),
  })
}
