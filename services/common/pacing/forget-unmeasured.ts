/**
 * Keeps gauges from showing old measurements for ever: a value that is no longer measured reads like a current one,
 * and no alert fires. A removed value can be found by `absent()`.
 *
 * It counts time rather than failures, since a round that hangs does not fail. A round may fail as late as its
 * interval is long, so that these are three failures in a row, at least.
 *
 * @param forget - removes the gauges' values, once nothing has been measured for six intervals
 * @returns a function to call after each measurement
 */
export function forgetUnmeasured(intervalMs: number, forget: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  return () => {
    clearTimeout(timer)
    timer = setTimeout(forget, intervalMs * roundsMax).unref()
  }
}

const roundsMax = 6
