import { randomUUID } from 'node:crypto'
import { type AuthFiles, signToken } from '../../scripts/platform/auth.ts'
import type { ServiceName } from '../../scripts/platform/databases.ts'
import { commandLineWithoutSystem } from '../support/command-line.ts'
import { runTool, succeed } from '../support/tool.ts'

/** The services' addresses, and the keys that sign tokens. */
export interface Counter {
  readonly services: Readonly<Record<ServiceName, { readonly grpc: readonly string[] }>>
  readonly auth: AuthFiles
  /** The CA of the services' certificates, in PEM. */
  readonly tlsCaFile: string
}

/** Creates a concert and buys a ticket for it with grpcurl, by reflection. Returns the payment as JSON. */
export async function buyByGrpcurl({ services, auth, tlsCaFile }: Counter) {
  const token = await signToken(auth, { subject: `grpcurl-${randomUUID()}`, roles: ['admin', 'cashier'] })
  const call = async (service: ServiceName, method: string, request: object) => {
    const [address = ''] = services[service].grpc
    const authorization = ['-H', `authorization: Bearer ${token}`]
    const args = ['-cacert', tlsCaFile, ...authorization, '-d', JSON.stringify(request), address, method]
    return JSON.parse(await succeed('grpcurl', args))
  }
  const { concert } = await call('reservation', 'boxoffice.reservation.v1.ReservationService/CreateConcert', {
    requestId: randomUUID(),
    title: 'By hand',
    startTime: '2030-07-01T20:00:00Z',
    sections: [{ name: 'A', rows: 1, seatsPerRow: 2, price: '100' }],
  })
  await call('point', 'boxoffice.point.v1.PointService/ChargePoints', {
    requestId: randomUUID(),
    amount: '100',
  })
  const { reservation } = await call('reservation', 'boxoffice.reservation.v1.ReservationService/HoldSeats', {
    requestId: randomUUID(),
    concertId: concert.concertId,
    seats: ['A-1-1'],
  })
  const { payment } = await call('payment', 'boxoffice.payment.v1.CheckoutService/Checkout', {
    requestId: randomUUID(),
    reservationId: reservation.reservationId,
    amount: reservation.totalPrice,
    wait: '30s',
  })
  return { concertId: concert.concertId as string, payment }
}

/** Buys a ticket with `npx boxoffice`, as the README describes for a cluster. Returns the payment as JSON. */
export async function buyByCommandLine(
  { services, auth, tlsCaFile }: Counter,
  concertId: string,
  seat: string,
) {
  const addresses = (['payment', 'point', 'reservation'] as const).map((service) => [
    `BOXOFFICE_${service.toUpperCase()}_ADDRESS`,
    services[service].grpc[0],
  ])
  const env = {
    ...Object.fromEntries(addresses),
    BOXOFFICE_TLS_CA_FILE: tlsCaFile,
    BOXOFFICE_TOKEN_KEY: auth.privateKeyFile,
    BOXOFFICE_USER: `cli-${randomUUID()}`,
  }
  const run = async (...args: readonly string[]): Promise<string> => {
    const ended = await commandLineWithoutSystem().start([...args, '--output', 'json'], env).ended
    if (ended.exitCode === 0) return ended.stdout
    throw new Error(`${args.join(' ')} ended with ${ended.exitCode}: ${ended.stderr}${ended.stdout}`)
  }
  await run('charge', '100')
  return JSON.parse(await run('buy', seat, '--concert', concertId))
}

/** Whether a gRPC call without TLS gets any answer. */
export async function isPlainTextAnswered({ services }: Pick<Counter, 'services'>): Promise<boolean> {
  const [address = ''] = services.payment.grpc
  const { exitCode, stderr } = await runTool('grpcurl', ['-plaintext', '-max-time', '5', address, 'list'])
  return exitCode === 0 || stderr.includes('Code:')
}
