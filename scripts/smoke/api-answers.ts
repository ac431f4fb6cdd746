import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@boxoffice/common/grpc/client.ts'
import { Code, RemoteError } from '@boxoffice/common/status/errors.ts'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { readTarget } from './target.ts'

// node scripts/smoke/api-answers.ts: checks that each service answers and asks for a token. Needs no key: it may run
// in production.
const { addresses, client } = readTarget()
/** Long, because DNS caches for a while that a name does not exist if it was asked before the first pod was ready. */
const reachedWithinMs = 40_000
const pollMs = 500
const payment = createClient(CheckoutService, addresses.payment, client())
const point = createClient(PointService, addresses.point, client())
const reservation = createClient(ReservationService, addresses.reservation, client())
try {
  await asksForToken('payment', () => payment.listPayments({}))
  await asksForToken('point', () => point.getBalance({}))
  await asksForToken('reservation', () => reservation.listConcerts({}))
} finally {
  for (const service of [payment, point, reservation]) service.close()
}

async function asksForToken(service: string, call: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + reachedWithinMs
  let answer = await answerOf(call)
  while (isUnavailable(answer) && performance.now() < until) {
    await sleep(pollMs)
    answer = await answerOf(call)
  }
  if (!(answer instanceof RemoteError) || answer.code !== Code.UNAUTHENTICATED) {
    throw new Error(`${service} should have asked for a token`, { cause: answer })
  }
  console.log(`${service} answers, and asks for a token`)
}

/** The error that a call ends with; undefined if it ends well. */
async function answerOf(call: () => Promise<unknown>): Promise<unknown> {
  return await call().then(
    () => undefined,
    (error: unknown) => error,
  )
}

function isUnavailable(answer: unknown): boolean {
  return answer instanceof RemoteError && answer.code === Code.UNAVAILABLE
}
