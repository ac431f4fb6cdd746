import type { EntityManager } from '@mikro-orm/postgresql'
import type { Wallet } from '../domain/wallet.ts'
import { WalletEntity } from './entities.ts'

/** A user's wallet; null if there is none. */
export function findWallet(em: EntityManager, userId: string): Promise<Wallet | null> {
  return em.findOne(WalletEntity, { userId })
}
