import { markUnconnected } from '@boxoffice/messaging/sql'
import type pg from 'pg'
import type { databaseSettings } from '../config/connection-settings.ts'
import { openSecretFile } from '../config/secret-file.ts'
import type { Settings } from '../config/settings.ts'
import { sessionOptions } from './session-settings.ts'

/** Where a database is, and how it and we prove who we are. */
export interface DatabaseAddress {
  readonly url: string
  /** Instead of a password in the URL. */
  readonly passwordFile?: string | undefined
  /** PEM, who signs the server's certificate: then the connection is TLS, with its host name verified (verify-full). */
  readonly tlsCaFile?: string | undefined
}

/** What `DATABASE_*` say, as the address. */
export function databaseAddress(config: Settings<typeof databaseSettings>): DatabaseAddress {
  return {
    url: config.databaseUrl,
    passwordFile: config.databasePasswordFile,
    tlsCaFile: config.databaseTlsCaFile,
  }
}

type ClientClass = new (config?: string | pg.ClientConfig) => pg.Client

/**
 * A pg client for one address, whatever else it is configured with: also for a pool, which makes a new one for each connection.
 * Each takes the CA and the password that the files hold by then, and has {@link sessionSettings} in force; the `options` it is
 * configured with count before those, and those before what the URL has as `options`.
 *
 * @throws Error if a file cannot be read to begin with
 */
export function clientOf(address: DatabaseAddress, base: ClientClass): ClientClass {
  const url = new URL(address.url)
  const password = address.passwordFile === undefined ? undefined : openSecretFile(address.passwordFile)
  const ca = address.tlsCaFile === undefined ? undefined : openSecretFile(address.tlsCaFile)
  // What the URL says of TLS would count before the CA.
  if (ca !== undefined) for (const name of sslParameters) url.searchParams.delete(name)
  // And its options instead of ours.
  const optionsOfUrl = url.searchParams.get('options') ?? ''
  url.searchParams.delete('options')
  let serverVersion = 0
  return class extends base {
    constructor(config: string | pg.ClientConfig = {}) {
      if (password !== undefined) url.password = encodeURIComponent(password.read())
      const configured = typeof config === 'string' ? {} : config
      super({
        ...configured,
        options: [optionsOfUrl, sessionOptions(serverVersion), configured.options ?? ''].join(' ').trim(),
        connectionString: url.href,
        // The certificate is held against the host that we asked for; by itself pg does that only where it is a name.
        ...(ca === undefined ? {} : { ssl: { ca: ca.read(), host: url.hostname } }),
      })
      this.connection.on('parameterStatus', ({ parameterName, parameterValue }: ParameterStatus) => {
        if (parameterName === 'server_version') serverVersion = Number.parseInt(parameterValue, 10)
      })
      const connect = this.connect.bind(this) as Connect
      const marking: Connect = (callback) =>
        callback === undefined
          ? connect()?.catch((error) => Promise.reject(markUnconnected(error)))
          : connect((error) => callback(markUnconnected(error)))
      this.connect = marking as typeof this.connect
    }
  }
}

type Connect = (callback?: (error: unknown) => void) => Promise<void> | undefined

/** https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-ASYNC */
export interface ParameterStatus {
  readonly parameterName: string
  readonly parameterValue: string
}

const sslParameters = ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation']
