import { readSettings } from '@boxoffice/common/config/settings.ts'
import { serviceSettings } from '@boxoffice/common/service/service-settings.ts'

/** Every setting of the point service. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env) {
  return readSettings(env, serviceSettings)
}
