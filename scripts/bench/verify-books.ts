import type { Progress } from '../start/progress.ts'
import { verifyWhenAtRest } from '../verify/verify.ts'
import { BenchError } from './bench-error.ts'
import type { SystemUnderTest } from './system-under-test.ts'

const restTimeoutMs = 60_000

/**
 * Checks that every point and every seat is accounted for. @throws BenchError if not: the figures would be worthless
 */
export async function verifyBooks(
  { addresses }: SystemUnderTest,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const done = progress.step('verify')
  const { payment, point, reservation } = addresses.services
  const sources = {
    paymentDb: payment.databaseUrl,
    pointDb: point.databaseUrl,
    reservationDb: reservation.databaseUrl,
    kafka: addresses.kafka,
  }
  const { atRest, underWay, results, deadLetters } = await verifyWhenAtRest(sources, {
    waitMs: restTimeoutMs,
    signal,
  })
  const broken = results.filter((result) => !result.ok)
  const complaints = [
    ...(atRest ? [] : [`not at rest after ${restTimeoutMs / 1000} s: ${underWay.join(', ')}`]),
    ...broken.map((result) => `${result.invariant}: ${result.counterexamples.join('; ')}`),
    ...deadLetters.map((text) => `put aside: ${text}`),
  ]
  if (complaints.length > 0) {
    throw new BenchError(
      `The books do not balance, so there is nothing to report.\n  ${complaints.join('\n  ')}`,
    )
  }
  done(`${results.length} invariants hold`)
}
