import { expect } from 'chai'
import { type Sources, verifyWhenAtRest } from '../../scripts/verify/verify.ts'
import type { TestSystem } from './shared-system.ts'

/** Waits until nothing is under way and expects every invariant of the design to hold. */
export async function expectBalancedBooks(system: TestSystem, waitMs = 60_000): Promise<void> {
  const verdict = await verifyWhenAtRest(sourcesOf(system), { waitMs })
  const broken = verdict.results.filter((result) => !result.ok)
  expect(verdict.underWay, 'under way').to.deep.equal([])
  expect(broken, 'broken invariants').to.deep.equal([])
}

export function sourcesOf({ addresses }: TestSystem): Sources {
  const { payment, point, reservation } = addresses.services
  return {
    paymentDb: payment.databaseUrl,
    pointDb: point.databaseUrl,
    reservationDb: reservation.databaseUrl,
    kafka: addresses.kafka,
  }
}
