import { markUnconnected } from '@boxoffice/messaging/sql'
import type pg from 'pg'
import type { databaseSettings } from '../config/connection-settings.ts'
import { openSecretFile } from '../config/secret-file.ts'
import type { Settings } from '../config/settings.ts'
import { sessionOptions } from './session-settings.ts'

/** The address of a database, and the files with which the server and a process prove their identity. */
export interface DatabaseAddress {
  readonly url: string
  /** The file of the password, instead of a password in the URL. */
  readonly passwordFile?: string | undefined
  /** The CA that signs the server's certificate, in PEM. With it connections use TLS and verify the host name. */
  readonly tlsCaFile?: string | undefined
}

/** Reads the address from the `DATABASE_*` settings. */
export function databaseAddress(config: Settings<typeof databaseSettings>): DatabaseAddress {
  return {
    url: config.databaseUrl,
    passwordFile: config.databasePasswordFile,
    tlsCaFile: config.databaseTlsCaFile,
  }
}

type ClientClass = new (config?: string | pg.ClientConfig) => pg.Client

/**
 * Makes a pg client class for one address, whatever other options it gets. A pool creates an instance for each
 * connection. Each instance uses the CA and the password that the files have then, and {@link sessionSettings}. Of
 * equal settings, its own `options` win over those, and those win over the `options` of the URL.
 *
 * @throws Error if a file cannot be read at the start
 */
export function clientOf(address: DatabaseAddress, base: ClientClass): ClientClass {
  const url = new URL(address.url)
  const password = address.passwordFile === undefined ? undefined : openSecretFile(address.passwordFile)
  const ca = address.tlsCaFile === undefined ? undefined : openSecretFile(address.tlsCaFile)
  // TLS parameters in the URL would override the CA.
  if (ca !== undefined) for (const name of sslParameters) url.searchParams.delete(name)
  // And its options would replace ours.
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
        // pg verifies the certificate against the host only if that is a name; here it is always verified.
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
