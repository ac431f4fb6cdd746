import { type KafkaSecurity, kafkaAdmin, kafkaBroker, readPassword } from '../security.ts'

/** The properties of a secure broker: TLS and SCRAM for all clients and between brokers, and an authorizer. */
export async function secureProperties(
  ports: { readonly port: number; readonly controllerPort: number },
  security: KafkaSecurity,
): Promise<Record<string, string>> {
  const password = await readPassword(security.passwordFileOf(kafkaBroker))
  const login = `org.apache.kafka.common.security.scram.ScramLoginModule required username="${kafkaBroker}" password="${password}";`
  return {
    listeners: `SASL_SSL://127.0.0.1:${ports.port},CONTROLLER://127.0.0.1:${ports.controllerPort}`,
    'advertised.listeners': `SASL_SSL://127.0.0.1:${ports.port}`,
    'listener.security.protocol.map': 'SASL_SSL:SASL_SSL,CONTROLLER:SSL',
    'inter.broker.listener.name': 'SASL_SSL',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': login,
    // Controllers store the passwords in the log that they keep themselves, so they authenticate each other by
    // certificate.
    'listener.name.controller.ssl.client.auth': 'required',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': security.keyStoreFile,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': security.caFile,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': `User:${kafkaBroker};User:CN=${kafkaBroker};User:${kafkaAdmin}`,
  }
}

/** The initial users of the cluster, as arguments of `kafka-storage format`, one per line of a file. */
export async function scramArguments(security: KafkaSecurity): Promise<string> {
  const names = [kafkaBroker, kafkaAdmin, ...security.users.map(({ name }) => name)]
  const scrams = names.map(async (name) => {
    const password = await readPassword(security.passwordFileOf(name))
    return `--add-scram\nSCRAM-SHA-512=[name=${name},password=${password}]\n`
  })
  return (await Promise.all(scrams)).join('')
}
