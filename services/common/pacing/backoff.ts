/**
 * The wait after the `failures`th failure in a row, from 1. It doubles from `baseMs` to at most `capMs`, and is then
 * between half and all of that, so that callers who failed together do not come back together.
 */
export function backoffMs(failures: number, baseMs: number, capMs: number, random = Math.random): number {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30))
  return full * (0.5 + random() / 2)
}
