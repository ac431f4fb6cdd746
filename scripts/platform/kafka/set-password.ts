import { withPrivateFile } from '../private-file.ts'
import type { KafkaSecurity } from '../security.ts'
import { configCommand } from './config-command.ts'

/**
 * Changes the password of a user of running brokers, with Kafka's own tool; open connections stay. It does not change
 * the file from which the user reads the password.
 */
export async function setKafkaPassword(
  user: string,
  password: string,
  brokers: readonly string[],
  security: KafkaSecurity,
): Promise<void> {
  // Without brackets, which only the command line needs.
  await withPrivateFile(`SCRAM-SHA-512=password=${password}\n`, async (file) => {
    const args = ['--alter', '--entity-type', 'users', '--entity-name', user, '--add-config-file', file]
    await configCommand(args, brokers, security)
  })
}
