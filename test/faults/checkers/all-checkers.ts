import { allProcessed } from './all-processed.ts'
import { allPublished } from './all-published.ts'
import { answersKept } from './answers-kept.ts'
import { auditTrail } from './audit-trail.ts'
import type { Checker } from './checker.ts'
import { noDefects } from './no-defects.ts'
import { nothingGotThrough } from './nothing-got-through.ts'
import { oneEffect } from './one-effect.ts'
import { onlyPoisonPutAside } from './only-poison-put-aside.ts'
import { orderPerKey } from './order-per-key.ts'
import { timeGoesOn } from './time-goes-on.ts'

/** The checkers of what `npx boxoffice verify` cannot see in live databases. */
export const allCheckers: readonly Checker[] = [
  answersKept,
  timeGoesOn,
  oneEffect,
  noDefects,
  allPublished,
  orderPerKey,
  auditTrail,
  allProcessed,
  onlyPoisonPutAside,
  nothingGotThrough,
]
