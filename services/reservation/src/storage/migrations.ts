import { CreateConcerts } from './migrations/0001-create-concerts.ts'
import { LimitHolds } from './migrations/0002-limit-holds.ts'

/** Every migration of reservation's database, in their order. */
export const migrations = [CreateConcerts, LimitHolds]
