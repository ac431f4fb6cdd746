import { createClient } from '@boxoffice/common/grpc/client.ts'
import { clientCredentials } from '@boxoffice/common/grpc/tls.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { type AuthFiles, signToken } from '../platform/auth.ts'
import type { System } from '../platform/system.ts'

export interface DemoConcert {
  readonly concertId: string
  readonly title: string
}

/**
 * Creates the concert for the first purchase of a new user. The request id and all fields are fixed, so that each
 * later start gets the same concert, with its sold seats.
 */
export async function createDemoConcert(
  { services, tlsCaFile }: System['addresses'],
  auth: AuthFiles,
): Promise<DemoConcert> {
  const token = await signToken(auth, { subject: 'demo', roles: ['admin'], validForSeconds: 60 })
  const client = createClient(ReservationService, services.reservation.grpc[0] ?? '', {
    token: () => token,
    credentials: clientCredentials(tlsCaFile),
  })
  try {
    const { concert } = await client.createConcert({
      requestId: '0b0f1ce0-0000-4000-8000-000000000001',
      title: 'The Idempotents, live',
      startTime: { seconds: BigInt(Date.UTC(2030, 5, 1, 20) / 1000), nanos: 0 },
      sections: [
        { name: 'A', rows: 5, seatsPerRow: 10, price: 12_000n },
        { name: 'B', rows: 10, seatsPerRow: 20, price: 8_000n },
        { name: 'C', rows: 10, seatsPerRow: 30, price: 5_000n },
      ],
    })
    if (!concert) throw new Error('the answer holds no concert')
    return { concertId: concert.concertId, title: concert.title }
  } finally {
    client.close()
  }
}
