import type { ClientOptions } from '@boxoffice/common/grpc/client.ts'
import { clientCredentials } from '@boxoffice/common/grpc/tls.ts'
import { signToken } from '../platform/auth.ts'
import { type ServiceName, serviceNames } from '../platform/databases.ts'

/** A system that is deployed somewhere, as its environment says. */
export interface Target {
  /** host:port of each service, or a name that stands for all of its replicas. */
  readonly addresses: Readonly<Record<ServiceName, string>>
  /** Where the console's page is. */
  page(): string
  /** How a client of `subject` calls it; without a subject nobody is signed in. */
  client(subject?: string, roles?: readonly string[]): ClientOptions
}

/**
 * BOXOFFICE_<SERVICE>_ADDRESS for each service; BOXOFFICE_PAGE, the URL of the console's page, where it is asked for;
 * BOXOFFICE_TOKEN_KEY, the file of a private JWK that tokens are signed with, AUTH_ISSUER and AUTH_AUDIENCE;
 * GRPC_TLS_CA_FILE, which says whom to trust, or plain text is spoken.
 *
 * @throws Error naming the variable that is not set
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
