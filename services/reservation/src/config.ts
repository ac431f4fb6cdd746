import { durationMs, integer, readSettings } from '@boxoffice/common/config/settings.ts'
import { serviceSettings } from '@boxoffice/common/service/service-settings.ts'

/** Every setting of the reservation service. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env) {
  return readSettings(env, {
    ...serviceSettings,
    /** How long held seats wait for their payment. Changing this does not change existing holds. */
    holdDurationMs: durationMs('HOLD_DURATION_MS', { default: 300_000, min: 1_000, max: 3_600_000 }),
    /** The default limit for seats of one concert that a user may hold or buy. Each new concert stores its limit. */
    seatsPerUserMax: integer('SEATS_PER_USER_MAX', { default: 8, min: 1, max: 20_000, unit: 'seats' }),
    /** The number of holds of one user that may be open at the same time, over all concerts. */
    openHoldsMax: integer('OPEN_HOLDS_PER_USER_MAX', { default: 4, min: 1, max: 10_000, unit: 'holds' }),
    /** How long a user waits to hold seats again after the hold lapsed or was released. Other users do not wait. */
    pauseMs: durationMs('HOLD_PAUSE_MS', { default: 60_000, min: 0, max: 3_600_000 }),
  })
}
