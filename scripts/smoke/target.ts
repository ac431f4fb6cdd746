import type { ClientOptions } from '@boxoffice/common/grpc/client.ts'
import { clientCredentials } from '@boxoffice/common/grpc/tls.ts'
import { signToken } from '../platform/auth.ts'
import { type ServiceName, serviceNames } from '../platform/databases.ts'

/** A deployed system, as the environment variables describe it. */
export interface Target {
  /** The address of each service, `host:port` or a name for all of its replicas. */
  readonly addresses: Readonly<Record<ServiceName, string>>
  /** The URL of the console's page. */
  page(): string
  /** The options of a client that calls as `subject`; without a subject it calls without a token. */
  client(subject?: string, roles?: readonly string[]): ClientOptions
}

/**
 * Reads the variables: BOXOFFICE_<SERVICE>_ADDRESS for each service; BOXOFFICE_PAGE, the URL of the console's page, if
 * needed; BOXOFFICE_TOKEN_KEY, the file of a private JWK that signs tokens, AUTH_ISSUER and AUTH_AUDIENCE;
 * GRPC_TLS_CA_FILE, the CA to trust, or plain text without it.
 *
 * @throws Error with the name of a missing variable
 */
export function readTarget(env: NodeJS.ProcessEnv = process.env): Target {
  const need = (variable: string): string => {
    const value = env[variable]
    if (!value) throw new Error(`${variable} is not set`)
    return value
  }
  const addresses = Object.fromEntries(
    serviceNames.map((name) => [name, need(`BOXOFFICE_${name.toUpperCase()}_ADDRESS`)]),
  ) as Record<ServiceName, string>
  const sign = async (subject: string, roles: readonly string[]): Promise<string> =>
    await signToken(
      {
        issuer: env.AUTH_ISSUER || 'boxoffice',
        audience: env.AUTH_AUDIENCE || 'boxoffice',
        privateKeyFile: need('BOXOFFICE_TOKEN_KEY'),
      },
      { subject, roles, validForSeconds: 300 },
    )
  const credentials = clientCredentials(env.GRPC_TLS_CA_FILE || undefined)
  return {
    addresses,
    page: () => need('BOXOFFICE_PAGE'),
    client: (subject, roles = []) => ({
      credentials,
      ...(subject === undefined ? {} : { token: () => sign(subject, roles), deadlineMs: 30_000 }),
    }),
  }
}
