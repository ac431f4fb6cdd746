import type { Checker } from './checker.ts'

/** What people who misuse the system may not achieve, also while other things go wrong. */
export const nothingGotThrough: Checker = {
  id: 'nothing-got-through',
  invariant: 'No attack achieves what it must not: no defect, nothing forged, no more than one may have',
  counterexamples: ({ gotThrough }) => [...gotThrough],
}
