import type { EntityManager } from '@mikro-orm/postgresql'
import { ConcertEntity, type ConcertRow } from './entities.ts'

/** A concert that must be there. */
export function findConcert(em: EntityManager, concertId: string): Promise<ConcertRow> {
  return em.findOneOrFail(ConcertEntity, { concertId })
}

/** A part of the list of concerts. */
export interface ConcertPage {
  /** The position before which the concerts stand; undefined for the newest. */
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
