import { durationMs, readSettings } from '@boxoffice/common/config/settings.ts'
import { serviceSettings } from '@boxoffice/common/service/service-settings.ts'

/** Every setting of the payment service. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env) {
  return readSettings(env, {
    ...serviceSettings,
    /** How long a payment waits for the answer about the points before it fails. */
    deadlineMs: durationMs('PAYMENT_DEADLINE_MS', { default: 30_000, min: 100, max: 3_600_000 }),
    /** How long a payment waits for any answer before it asks again; doubled after each attempt. */
    askAgainMs: durationMs('ASK_AGAIN_AFTER_MS', { default: 10_000, min: 100, max: 3_600_000 }),
    /** The upper bound of the doubled wait. */
    askAgainMaxMs: durationMs('ASK_AGAIN_MAX_MS', { default: 300_000, min: 100, max: 86_400_000 }),
    /** A payment that is open for longer counts as stuck. */
    stuckAfterMs: durationMs('STUCK_AFTER_MS', { default: 120_000, min: 1_000, max: 86_400_000 }),
    /** How often the service looks for passed deadlines and missing answers. */
    timerIntervalMs: durationMs('TIMER_INTERVAL_MS', { default: 1_000, min: 50, max: 60_000 }),
  })
}
