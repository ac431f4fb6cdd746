import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { type KafkaSecurity, kafkaAdmin, readPassword } from '../security.ts'
import { kafkaJarsDir } from './fetch.ts'

/**
 * Gives a user of running brokers another password, by Kafka's own tool; connections that are open stay. It does not change the
 * file that the user reads it from.
 */
export async function setKafkaPassword(
  user: string,
  password: string,
  brokers: readonly string[],
  security: KafkaSecurity,
): Promise<void> {
  const configFile = `${security.passwordFileOf(user)}.properties`
  await writeFile(configFile, await adminProperties(security), { mode: 0o600 })
  try {
    await promisify(execFile)('java', [
      ...['-cp', `${kafkaJarsDir}/*`, 'kafka.admin.ConfigCommand'],
      ...['--bootstrap-server', brokers.join(','), '--command-config', configFile],
      ...['--alter', '--entity-type', 'users', '--entity-name', user],
      ...['--add-config', `SCRAM-SHA-512=[password=${password}]`],
    ])
  } finally {
    await rm(configFile, { force: true })
  }
}

async function adminProperties(security: KafkaSecurity): Promise<string> {
  const password = await readPassword(security.passwordFileOf(kafkaAdmin))
  return [
    'security.protocol=SASL_SSL',
    'sasl.mechanism=SCRAM-SHA-512',
    `sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="${kafkaAdmin}" password="${password}";`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${security.caFile}`,
    '',
  ].join('\n')
}
