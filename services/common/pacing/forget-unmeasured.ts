/**
 * Keeps gauges from showing for ever what was measured once: a value that nobody measures any more reads like one that holds,
 * and whoever watches it is not told. Without it `absent()` tells.
 *
 * It counts time rather than failures, since a round that hangs does not fail. A round may fail as late as its interval is
 * long, so that these are three failures in a row, at least.
 *
 * @param forget - removes what the gauges show, once nothing has been measured for as long as six rounds are apart
 * @returns to be called after each measurement
 */
export function forgetUnmeasured(intervalMs: number, forget: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  return () => {
    clearTimeout(timer)
    timer = setTimeout(forget, intervalMs * roundsMax).unref()
  }
}

const roundsMax = 6
