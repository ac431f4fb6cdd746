import type { EntityManager } from '@mikro-orm/postgresql'
import { ConcertEntity, type ConcertRow } from './entities.ts'

/** Finds a concert; throws if it does not exist. */
export function findConcert(em: EntityManager, concertId: string): Promise<ConcertRow> {
  return em.findOneOrFail(ConcertEntity, { concertId })
}

/** The bounds of a page of concerts. */
export interface ConcertPage {
  /** Only concerts before this position; undefined for the newest. */
  readonly before: bigint | undefined
  readonly limit: number
}

/** Concerts, newest first. */
export function findConcerts(em: EntityManager, { before, limit }: ConcertPage): Promise<ConcertRow[]> {
  return em.find(ConcertEntity, before === undefined ? {} : { position: { $lt: before } }, {
    orderBy: { position: 'desc' },
    limit,
  })
}
