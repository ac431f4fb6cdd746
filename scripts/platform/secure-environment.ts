import type { Security } from './security.ts'

/** As whom a process of ours works: the names are those of the manifests and of the chart. */
export type Identity = 'service' | 'relay' | 'owner'

/** What a process is told so that it comes in securely, over the addresses that it is told anyway. */
export function secureEnvironment(
  name: string,
  identity: Identity,
  databasePort: string,
  { caFile, grpc, kafka, postgres }: Security,
): NodeJS.ProcessEnv {
  const user = identity === 'relay' ? `relay-${name}` : name
  const role = identity === 'service' ? name : `${name}_${identity}`
  return {
    DATABASE_URL: `postgres://${role}@localhost:${databasePort}/${name}`,
    DATABASE_PASSWORD_FILE: postgres.passwordFileOf(role),
    DATABASE_TLS_CA_FILE: caFile,
    KAFKA_TLS_CA_FILE: caFile,
    KAFKA_SASL_USERNAME: user,
    KAFKA_SASL_PASSWORD_FILE: kafka.passwordFileOf(user),
    GRPC_TLS_CERT_FILE: grpc.certificateFile,
    GRPC_TLS_KEY_FILE: grpc.keyFile,
    GRPC_REFLECTION: 'false',
    ...(identity === 'owner' ? lesserRoles(name, postgres) : {}),
  }
}

/** The console publishes nothing, and has no relay. */
function lesserRoles(name: string, { roles }: Security['postgres']): NodeJS.ProcessEnv {
  const relayRole = `${name}_relay`
  const hasRelay = roles.some((role) => role.name === relayRole)
  return { DATABASE_SERVICE_ROLE: name, ...(hasRelay ? { DATABASE_RELAY_ROLE: relayRole } : {}) }
}
