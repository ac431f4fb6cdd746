import { CreatePayments } from './migrations/0001-create-payments.ts'
import { KnowReservations } from './migrations/0002-know-reservations.ts'

/** Every migration of payment's database, in their order. */
export const migrations = [CreatePayments, KnowReservations]
