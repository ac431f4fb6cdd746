import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { withPrivateFile } from '../private-file.ts'
import { type KafkaSecurity, kafkaAdmin, readPassword } from '../security.ts'
import { kafkaJarsDir } from './fetch.ts'

/** Runs Kafka's own tool for configurations against running brokers, as the one who may do everything; returns what it writes. */
export async function configCommand(
  args: readonly string[],
  brokers: readonly string[],
  security: KafkaSecurity,
): Promise<string> {
  return await withPrivateFile(await adminProperties(security), async (configFile) => {
    const { stdout } = await promisify(execFile)('java', [
      ...['-cp', `${kafkaJarsDir}/*`, 'kafka.admin.ConfigCommand'],
      ...['--bootstrap-server', brokers.join(','), '--command-config', configFile],
      ...args,
    ])
    return stdout
  })
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
