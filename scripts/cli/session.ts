import path from 'node:path'
import { type Client, type ClientOptions, createClient } from '@boxoffice/common/grpc/client.ts'
import { type ChannelCredentials, clientCredentials } from '@boxoffice/common/grpc/tls.ts'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import type { DescService } from '@bufbuild/protobuf'
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2'
import { signToken, type TokenClaims } from '../platform/auth.ts'
import type { DatabaseName, ServiceName } from '../platform/databases.ts'
import { stateDir } from '../platform/paths.ts'
import { isOpenToOthers } from '../platform/private-file.ts'
import { type RunFile, readRunFile } from '../platform/run-file.ts'
import { systemErrorText } from '../platform/system-error.ts'
import { Failure } from './failure.ts'
import { freshToken } from './fresh-token.ts'
import { createOutput, type Format, type Output } from './output.ts'

/** The roles of a user of this machine, who also acts as the cashier that sells points. */
export const userRoles: readonly string[] = ['cashier']

/** The options of every command. */
export interface GlobalOptions {
  readonly output: Format
  readonly user: string
  readonly debug?: boolean
  readonly token?: string
  readonly paymentAddress?: string
  readonly pointAddress?: string
  readonly reservationAddress?: string
  readonly consoleAddress?: string
  readonly tlsCaFile?: string
}

/** Clients of the three services; each connects on first use. */
export interface Clients {
  payment(): ReturnType<typeof paymentClient>
  point(): ReturnType<typeof pointClient>
  reservation(): ReturnType<typeof reservationClient>
}

/** The environment of a command: its user, its output, and the services, to which the user is signed in. */
export interface Session extends Clients {
  readonly user: string
  readonly output: Output
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** The system that `npm start` runs here; undefined if nothing runs. */
  readonly run: RunFile | undefined
  /** Clients without a signed-in user: each call brings its own `authorization`. */
  readonly anonymous: Clients
  /** A client of an operator API of a service or of the console, signed in with the operator role. */
  operator<Methods extends GenServiceMethods>(
    service: GenService<Methods>,
    owner: DatabaseName,
  ): Client<GenService<Methods>>
  /** Signs a token as the identity provider of this machine. @throws Failure if there is no key */
  sign(claims: TokenClaims): Promise<string>
  close(): void
}

const paymentClient = (address: string, options: ClientOptions) =>
  createClient(CheckoutService, address, options)
const pointClient = (address: string, options: ClientOptions) => createClient(PointService, address, options)
const reservationClient = (address: string, options: ClientOptions) =>
  createClient(ReservationService, address, options)

/** Finds the system: from options and environment first, then from the file that `npm start` wrote. */
export async function openSession(options: GlobalOptions, signal: AbortSignal): Promise<Session> {
  const run = await readRun()
  const closers: (() => void)[] = []
  const tokenWith = (roles: readonly string[]): (() => Promise<string>) => {
    const given = options.token
    if (given !== undefined) return async () => given
    const { user: subject } = options
    return freshToken(
      async (validForSeconds) => await signToken(await authOf(run), { subject, roles, validForSeconds }),
    )
  }
  const asOperator = tokenWith(['operator'])
  // The CA is known for the system that runs here, but not for an address that the user gives.
  const credentialsOf = (name: DatabaseName): ChannelCredentials =>
    clientCredentials(options.tlsCaFile ?? (options[`${name}Address`] ? undefined : run?.tlsCaFile))
  const operators = new Map<string, { close(): void }>()
  const connect = <Service extends { close(): void }>(
    name: ServiceName,
    make: (address: string, options: ClientOptions) => Service,
    clientOptions: ClientOptions,
  ): (() => Service) => {
    let client: Service | undefined
    return () => {
      if (client === undefined) {
        client = make(addressOf(name, options, run), { ...clientOptions, credentials: credentialsOf(name) })
        closers.push(client.close)
      }
      return client
    }
  }
  const clients = (clientOptions: ClientOptions): Clients => ({
    payment: connect('payment', paymentClient, clientOptions),
    point: connect('point', pointClient, clientOptions),
    reservation: connect('reservation', reservationClient, clientOptions),
  })
  return {
    ...clients({ token: tokenWith(userRoles) }),
    anonymous: clients({}),
    operator<Methods extends GenServiceMethods>(service: GenService<Methods>, owner: DatabaseName) {
      const name = `${owner} ${(service as unknown as DescService).typeName}`
      let client = operators.get(name) as Client<GenService<Methods>> | undefined
      if (client === undefined) {
        client = createClient(service, addressOf(owner, options, run), {
          token: asOperator,
          credentials: credentialsOf(owner),
        })
        operators.set(name, client)
        closers.push(client.close)
      }
      return client
    },
    user: options.user,
    output: createOutput(options.output),
    signal,
    run,
    sign: async (claims) => await signToken(await authOf(run), claims),
    close() {
      for (const close of closers) close()
    },
  }
}

/** Reads the run file. BOXOFFICE_DIR names the folder of a system whose state is elsewhere. */
async function readRun(): Promise<RunFile | undefined> {
  const dir = process.env.BOXOFFICE_DIR ? path.resolve(process.env.BOXOFFICE_DIR) : stateDir
  try {
    return await readRunFile(dir)
  } catch (cause) {
    // Nothing runs in a path that is not a folder: the doctor reports the problem.
    if ((cause as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    const why = systemErrorText(cause) ?? 'it is not a file that npm start wrote'
    throw new Failure('RUN_FILE_UNREADABLE', `${path.join(dir, 'run.json')} cannot be read: ${why}`, {
      next: ['correct that, or set BOXOFFICE_DIR to the folder in which npm start runs'],
      cause,
    })
  }
}

function addressOf(name: DatabaseName, options: GlobalOptions, run: RunFile | undefined): string {
  const given = options[`${name}Address`]
  const address = given ?? (name === 'console' ? run?.console[0]?.grpc : run?.services[name].grpc[0])
  if (address === undefined) throw notRunning()
  return address
}

/** The key that signs tokens. BOXOFFICE_TOKEN_KEY names the file of the private JWK of a system elsewhere. */
async function authOf(run: RunFile | undefined): Promise<Parameters<typeof signToken>[0]> {
  const given = process.env.BOXOFFICE_TOKEN_KEY
  if (!given && run === undefined) throw notRunning()
  const auth = run?.auth ?? { issuer: 'boxoffice', audience: 'boxoffice' }
  const privateKeyFile = given || run?.auth.privateKeyFile || ''
  await refuseOpenKey(privateKeyFile)
  return { issuer: auth.issuer, audience: auth.audience, privateKeyFile }
}

/** Refuses a key that other users can read, because they can sign in as any user. */
async function refuseOpenKey(file: string): Promise<void> {
  if (!(await isOpenToOthers(file))) return
  throw new Failure('KEY_NOT_PRIVATE', `Other users of this machine can read the private key ${file}`, {
    next: [
      `make it readable for you only: chmod 600 ${file}`,
      'and create a new key if another user may have read it',
    ],
  })
}

/** The failure if nothing runs here, and no option names an address. */
export function notRunning(): Failure {
  return new Failure('NOT_RUNNING', 'Boxoffice is not running here', {
    next: [
      'start it in another terminal: npm start',
      'or give its addresses: see --payment-address and the other address options, and --token',
    ],
  })
}
