import fc from 'fast-check'
import { seatNames } from './reservation-service.ts'
import type { Crash } from './service.ts'

const users = ['alice', 'bob']
export const serviceNames = ['payment', 'point', 'reservation'] as const
export type ServiceName = (typeof serviceNames)[number]

/** One event of a schedule: a client calls, a process takes its turn, a timer fires, or a fault happens. */
export type Step =
  | { readonly kind: 'charge'; readonly user: string; readonly amount: bigint }
  | { readonly kind: 'hold'; readonly user: string; readonly nth: number; readonly seats: readonly string[] }
  | { readonly kind: 'release'; readonly reservation: number }
  | {
      readonly kind: 'checkout'
      readonly payment: number
      /** Counted back from the latest reservation. */
      readonly reservation: number
      /** Undefined for the holder; `amount` is undefined for the price. */
      readonly user: string | undefined
      readonly amount: bigint | undefined
    }
  | { readonly kind: 'cancel'; readonly payment: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'fail overdue' }
  | { readonly kind: 'ask again' }
  | { readonly kind: 'relay'; readonly service: ServiceName; readonly nth: number; readonly crash: Crash }
  | {
      readonly kind: 'consume'
      readonly service: ServiceName
      readonly member: number
      readonly partitions: readonly number[]
      readonly batchSizeMax: number
      readonly crash: Crash
    }
  | {
      readonly kind: 'replay'
      readonly service: ServiceName
      readonly partition: number
      readonly offset: number
    }
  | { readonly kind: 'prune inbox'; readonly service: ServiceName }
  | {
      readonly kind: 'lose record'
      readonly service: ServiceName
      readonly partition: number
      readonly offset: number
    }

const user = fc.constantFrom(...users)
const service = fc.constantFrom(...serviceNames)
const payment = fc.nat(9)
const reservation = fc.nat(9)
const offset = fc.nat(12)
const crash: fc.Arbitrary<Crash> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Crash>('never') },
  { weight: 1, arbitrary: fc.constant<Crash>('before commit') },
  { weight: 1, arbitrary: fc.constant<Crash>('after commit') },
)
const kind = <Kind extends Step['kind']>(name: Kind) => fc.constant(name)

/** Undefined, which means the right value, nine times out of ten. */
function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: kind('charge'), user, amount: fc.constantFrom(100n, 250n) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('hold'),
      user,
      nth: reservation,
      seats: fc.subarray(seatNames, { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('release'), reservation }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: kind('checkout'),
      payment,
      reservation: fc.nat(3),
      user: seldom(user),
      amount: seldom(fc.constantFrom(50n, 100n, 400n)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('cancel'), payment }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('wait'), ms: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('fail overdue') }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('ask again') }) },
  { weight: 14, arbitrary: fc.record({ kind: kind('relay'), service, nth: fc.nat(3), crash }) },
  {
    weight: 16,
    arbitrary: fc.record({
      kind: kind('consume'),
      service,
      member: fc.nat(1),
      partitions: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 }),
      batchSizeMax: fc.integer({ min: 1, max: 4 }),
      crash,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('replay'), service, partition: fc.nat(3), offset }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('prune inbox'), service }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('lose record'), service, partition: fc.nat(3), offset }) },
)

/** The steps of one run, in order. */
export const schedule: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 30, maxLength: 200, size: 'max' })
