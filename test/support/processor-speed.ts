import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'

/** The time of the work below on one core when the limits in tests were set, in milliseconds. */
const referenceMs = 73
const warmUps = 3
const attempts = 15

/**
 * The factor by which a core is slower now than when the limits were set: 1.5 means that it takes half as long again.
 * Shared machines differ by that much from hour to hour, and so do the times of all processes.
 *
 * It measures in a process of its own, with nothing else on its heap.
 */
export function processorSlowness(): number {
  const { stdout } = spawnSync(process.execPath, [import.meta.filename], { encoding: 'utf8' })
  return Number(stdout) / referenceMs
}

if (import.meta.main) {
  const times = Array.from({ length: warmUps + attempts }, workMs).slice(warmUps)
  console.log(times.sort((a, b) => a - b)[Math.floor(attempts / 2)])
}

/** The CPU time of a fixed amount of typical work: objects to JSON and back, and hashing. */
function workMs(): number {
  const before = process.cpuUsage()
  let text = ''
  for (let nth = 0; nth < 3_000; nth += 1) {
    const partitions = Array.from({ length: 30 }, (_, partition) => ({
      partition,
      offset: `${nth * partition}`,
    }))
    text = JSON.stringify(JSON.parse(JSON.stringify({ nth, text: text.slice(0, 100), partitions })))
    createHash('sha256').update(text).digest('hex')
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
