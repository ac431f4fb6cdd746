import { randomUUID } from 'node:crypto'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { generateKeyPair, SignJWT } from 'jose'
import type { Attack } from '../attack.ts'
import { inParallel, openConnection } from '../callers.ts'

/**
 * A client without a token that invents one after the other: each looks right, so its signature has to be verified.
 */
export const invalidTokens: Attack = {
  name: 'invalid-tokens',
  tries: 'tokens signed with an unknown key, as many as possible',
  async run(target, tally, over) {
    const { privateKey } = await generateKeyPair('ES256')
    const signed = await new SignJWT({ roles: ['operator', 'custodian', 'cashier'] })
      .setProtectedHeader({ alg: 'ES256', kid: 'local-1' })
      .setSubject(`forger-${randomUUID()}`)
      .setIssuer(target.auth.issuer)
      .setAudience(target.auth.audience)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey)
    // Another signature each time, so that no cache helps.
    const forged = (): string =>
      `${signed.slice(0, signed.lastIndexOf('.'))}.${Buffer.from(randomUUID().repeat(2).slice(0, 64)).toString('base64url')}`
    const names = ['payment', 'point', 'reservation'] as const
    const opened = names.map((name) => openConnection(target, name))
    const methods = [
      'boxoffice.payment.v1.CheckoutService/ListPayments',
      `${PointService.typeName}/GetBalance`,
      'boxoffice.reservation.v1.ReservationService/ListConcerts',
    ]
    await inParallel(192, over, async (worker) => {
      const service = worker % opened.length
      const answer = await tally.count(async () =>
        opened[service]?.call(methods[service] ?? '', Buffer.alloc(0), forged()),
      )
      if (answer !== undefined) tally.gotThrough('a token signed with an unknown key was accepted')
    })
    for (const connection of opened) connection.close()
  },
}
