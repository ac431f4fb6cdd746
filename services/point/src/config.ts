import { serviceSettings } from '@boxoffice/common/config/service-settings.ts'
import { readSettings } from '@boxoffice/common/config/settings.ts'

/** Every setting of the point service. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env) {
  return readSettings(env, serviceSettings)
}
