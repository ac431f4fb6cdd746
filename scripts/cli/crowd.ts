import { randomBytes, randomUUID } from 'node:crypto'
import { type Session, userRoles } from './session.ts'

/** A new user with the metadata that authorizes each call. */
export interface Buyer {
  readonly user: string
  readonly metadata: { readonly authorization: string }
}

/** Signs in new users, whose names begin with `name`. */
export async function signInCrowd(session: Session, name: string, count: number): Promise<Buyer[]> {
  const crowd = randomBytes(3).toString('hex')
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const user = `${name}-${crowd}-${index + 1}`
      const token = await session.sign({ subject: user, roles: userRoles, validForSeconds: 3_600 })
      return { user, metadata: { authorization: `Bearer ${token}` } }
    }),
  )
}

/** Lets each buyer charge the same amount, `atOnce` of them at the same time. */
export async function chargeCrowd(
  session: Session,
  buyers: readonly Buyer[],
  charge: {
    readonly amount: bigint
    readonly atOnce: number
    readonly deadlineMs: number
    readonly onCharged?: () => void
  },
): Promise<void> {
  const { amount, atOnce, deadlineMs, onCharged } = charge
  const waiting = buyers.values()
  const work = async (): Promise<void> => {
    for (const { metadata } of waiting) {
      const request = { requestId: randomUUID(), amount }
      await session.anonymous.point().chargePoints(request, { metadata, deadlineMs, signal: session.signal })
      onCharged?.()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}
