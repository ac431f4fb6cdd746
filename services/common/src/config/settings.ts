import { existsSync } from 'node:fs'

/** One setting: its variable, its default, and how its text is read. */
export interface Setting<T> {
  readonly variable: string
  /** The value if the variable is unset or empty; without a default the variable is required. */
  readonly default?: T
  /** The accepted values, in words: `an integer from 1 to 100`. */
  readonly takes: string
  /** Whether the value is secret: then errors do not repeat it. */
  readonly secret?: boolean
  /** @throws Error if the text is not an accepted value */
  readonly parse: (text: string) => T
  /** Returns a sentence if the setting conflicts with other variables. Called only if it is set and valid. */
  readonly conflict?: (env: Environment) => string | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

export type SettingsSpec = Readonly<Record<string, Setting<unknown>>>

export type Settings<Spec extends SettingsSpec> = {
  readonly [Key in keyof Spec]: Spec[Key] extends Setting<infer T> ? T : never
}

/** The environment lacks settings of this process, or has wrong ones; each problem is one sentence. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'CONFIG_INVALID'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/**
 * Reads every setting of `spec` from `env` into a frozen object.
 *
 * @throws ConfigError with all problems at once
 */
export function readSettings<Spec extends SettingsSpec>(env: Environment, spec: Spec): Settings<Spec> {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries(spec)) {
    const text = env[setting.variable]?.trim() ?? ''
    if (text === '') {
      if (!('default' in setting)) problems.push(`${setting.variable} is not set; it takes ${setting.takes}.`)
      values[key] = setting.default
      continue
    }
    try {
      values[key] = setting.parse(text)
      const conflict = setting.conflict?.(env)
      if (conflict !== undefined) problems.push(conflict)
    } catch {
      problems.push(`${setting.variable} is ${quote(setting, text)}; it takes ${setting.takes}.`)
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(values) as Settings<Spec>
}

/** Makes a setting optional: it is undefined if the variable is unset. */
export function optional<T>(
  required: Setting<T>,
  conflict: Setting<T>['conflict'] = () => undefined,
): Setting<T | undefined> {
  return { ...required, default: undefined, conflict }
}

/** For {@link optional}: the setting is useless without the other variable. */
export function together(variable: string, other: string): (env: Environment) => string | undefined {
  return (env) =>
    env[other]?.trim()
      ? undefined
      : `${variable} is set and ${other} is not; they are set together or not at all.`
}

/** The options of every reader besides its bounds. */
interface Options<T> {
  readonly default?: T
}

export function text(
  variable: string,
  options: Options<string> & { lengthMax?: number } = {},
): Setting<string> {
  const lengthMax = options.lengthMax ?? 1024
  return setting(variable, options, `text of at most ${lengthMax} characters`, (value) => {
    if (value.length > lengthMax) refuse()
    return value
  })
}

export function integer(
  variable: string,
  options: Options<number> & { min: number; max: number; unit?: string },
): Setting<number> {
  const unit = options.unit === undefined ? '' : ` (${options.unit})`
  return setting(variable, options, `an integer from ${options.min} to ${options.max}${unit}`, (value) => {
    const number = /^-?\d{1,15}$/.test(value) ? Number(value) : refuse()
    if (number < options.min || number > options.max) refuse()
    return number
  })
}

/** Milliseconds, written as a bare integer or with a unit: `1500`, `1500ms`, `30s`, `5m`, `2h`. */
export function durationMs(
  variable: string,
  options: Options<number> & { min: number; max: number },
): Setting<number> {
  const takes = `a duration from ${options.min} ms to ${options.max} ms, such as 1500, 1500ms, 30s, 5m or 2h`
  return setting(variable, options, takes, (value) => {
    const [, digits, unit = 'ms'] = /^(\d{1,12})(ms|s|m|h)?$/.exec(value) ?? refuse()
    const ms = Number(digits) * (unitMs[unit] ?? refuse())
    if (ms < options.min || ms > options.max) refuse()
    return ms
  })
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

export function boolean(variable: string, options: Options<boolean> = {}): Setting<boolean> {
  return setting(variable, options, 'true or false', (value) =>
    value === 'true' ? true : value === 'false' ? false : refuse(),
  )
}

export function oneOf<const T extends string>(
  variable: string,
  values: readonly T[],
  options: Options<NoInfer<T>> = {},
): Setting<T> {
  return setting(
    variable,
    options,
    `one of ${values.join(', ')}`,
    (value) => values.find((candidate) => candidate === value) ?? refuse(),
  )
}

/** `host:port`, where port 0 means any free port. An IPv6 address is in brackets. */
export function hostPort(variable: string, options: Options<string> = {}): Setting<string> {
  return setting(variable, options, 'host:port, such as 127.0.0.1:8080', parseHostPort)
}

/** A list of `host:port`, separated by commas. */
export function hostPorts(
  variable: string,
  options: Options<readonly string[]> = {},
): Setting<readonly string[]> {
  return setting(variable, options, 'host:port, or several separated by commas', (value) =>
    Object.freeze(value.split(',').map((entry) => parseHostPort(entry.trim()))),
  )
}

export function url(
  variable: string,
  options: Options<string> & { protocols: readonly string[]; secret?: boolean },
): Setting<string> {
  const takes = `a URL that begins with ${options.protocols.map((name) => `${name}://`).join(' or ')}`
  return setting(variable, options, takes, (value) => {
    if (!options.protocols.includes(new URL(value).protocol.slice(0, -1))) refuse()
    return value
  })
}

/** A file that exists, or an http(s) URL. */
export function fileOrUrl(variable: string, options: Options<string> = {}): Setting<string> {
  return setting(variable, options, 'the path of a file that exists, or an http(s) URL', (value) => {
    if (/^https?:\/\//.test(value)) return new URL(value).href
    return existsSync(value) ? value : refuse()
  })
}

function setting<T>(
  variable: string,
  options: Options<T> & { secret?: boolean },
  takes: string,
  parse: (text: string) => T,
): Setting<T> {
  const common = { variable, takes, parse, secret: options.secret ?? false }
  return options.default === undefined ? common : { ...common, default: options.default }
}

function parseHostPort(value: string): string {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^\s:/@[\]]+):(\d{1,5})$/.exec(value) ?? refuse()
  if (Number(port) > 65_535) refuse()
  return `${host}:${port}`
}

function quote(setting: Setting<unknown>, text: string): string {
  if (setting.secret) return 'malformed (its value is not shown)'
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text)
}

function refuse(): never {
  throw new Error('refused')
}
