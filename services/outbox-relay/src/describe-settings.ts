import type { SettingsSpec } from '@boxoffice/common/config/settings.ts'

/** Every setting in two lines: the variable with its default, and what it takes. */
export function describeSettings(spec: SettingsSpec): string {
  return Object.values(spec)
    .map(({ variable, takes, ...setting }) => {
      const use = !('default' in setting)
        ? 'required'
        : setting.default == null
          ? 'optional'
          : `default ${setting.default}`
      return `  ${variable}  (${use})\n      ${takes}\n`
    })
    .join('')
}
