import type { Checker } from './checker.ts'

/** Attacks must not achieve anything, even while other faults happen. */
export const nothingGotThrough: Checker = {
  id: 'nothing-got-through',
  invariant: 'No attack succeeds: none causes a defect, forges anything or exceeds a limit',
  counterexamples: ({ gotThrough }) => [...gotThrough],
}
