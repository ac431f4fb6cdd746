import { withPrivateFile } from '../private-file.ts'
import type { KafkaSecurity } from '../security.ts'
import { configCommand } from './config-command.ts'

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
  // Without the brackets, which only an argument has.
  await withPrivateFile(`SCRAM-SHA-512=password=${password}\n`, async (file) => {
    const args = ['--alter', '--entity-type', 'users', '--entity-name', user, '--add-config-file', file]
    await configCommand(args, brokers, security)
  })
}
