import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { withPrivateFile } from '../private-file.ts'
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
  const config = await adminProperties(security)
  // Without the brackets, which only an argument has.
  await withPrivateFile(`SCRAM-SHA-512=password=${password}\n`, (passwordFile) =>
    withPrivateFile(config, (configFile) =>
      promisify(execFile)('java', [
        ...['-cp', `${kafkaJarsDir}/*`, 'kafka.admin.ConfigCommand'],
        ...['--bootstrap-server', brokers.join(','), '--command-config', configFile],
        ...['--alter', '--entity-type', 'users', '--entity-name', user, '--add-config-file', passwordFile],
      ]),
    ),
  )
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
