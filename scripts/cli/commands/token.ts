import { Command, Option } from 'commander'
import { integer } from '../../integer-option.ts'
import { examples, runCommand } from '../run-command.ts'
import { type Session, userRoles } from '../session.ts'

interface TokenOptions {
  readonly role?: readonly string[]
  readonly ttl: number
}

/** `token`: signs a bearer token, for grpcurl and programs. */
export function tokenCommand(signal: AbortSignal): Command {
  return new Command('token')
    .description("Signs a bearer token for --user with this machine's key, for grpcurl and programs.")
    .option('--role <name...>', 'the roles of the token, such as admin (default: cashier)')
    .addOption(
      new Option('--ttl <seconds>', 'how long it is valid; services accept a day at most')
        .argParser(integer(1, 86_400))
        .default(3_600),
    )
    .addHelpText(
      'after',
      examples('token', 'token --user alice --ttl 60', 'token --role admin -o json').concat(grpcurl),
    )
    .action(runCommand(signal, token))
}

const grpcurl = `
  $ TOKEN=$(npx boxoffice token) grpcurl -plaintext -expand-headers -H 'authorization: Bearer \${TOKEN}' \\
      127.0.0.1:7002 boxoffice.point.v1.PointService/GetBalance`

async function token(session: Session, { role = userRoles, ttl }: TokenOptions): Promise<void> {
  const expireTime = new Date((Math.floor(Date.now() / 1000) + ttl) * 1000).toISOString()
  const signed = await session.sign({ subject: session.user, roles: role, validForSeconds: ttl })
  session.output.result({
    json: () => ({ token: signed, user: session.user, roles: role, expireTime }),
    table: () => signed,
  })
}
