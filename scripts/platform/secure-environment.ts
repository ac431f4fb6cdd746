import type { Security } from './security.ts'

/** The identity of a process; the names are those of the manifests and of the chart. */
export type Identity = 'service' | 'relay' | 'owner'

/** The environment variables with which a process connects securely. They override its plain addresses. */
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

/** The roles that a migration grants rights to. The console publishes nothing, and so has no relay role. */
function lesserRoles(name: string, { roles }: Security['postgres']): NodeJS.ProcessEnv {
  const relayRole = `${name}_relay`
  const hasRelay = roles.some((role) => role.name === relayRole)
  return { DATABASE_SERVICE_ROLE: name, ...(hasRelay ? { DATABASE_RELAY_ROLE: relayRole } : {}) }
}
