import { serviceSettings } from '@boxoffice/common/config/service-settings.ts'
import { durationMs, readSettings } from '@boxoffice/common/config/settings.ts'

/** Every setting of the reservation service. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env) {
  return readSettings(env, {
    ...serviceSettings,
    /** How long held seats wait for their payment. A hold that was made before a change keeps its expiry. */
    holdDurationMs: durationMs('HOLD_DURATION_MS', { default: 300_000, min: 1_000, max: 3_600_000 }),
  })
}
