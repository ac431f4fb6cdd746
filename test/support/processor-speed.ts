import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'

/** What the work below took on a core when the figures in tests were set, in milliseconds. */
const referenceMs = 73
const warmUps = 3
const attempts = 15

/**
 * How much longer a core takes now than it did when the figures were set: 1.5 says that it takes half as long again. Shared
 * machines differ by that from hour to hour, and the time of every process differs with them.
 *
 * It measures in a process of its own, whose heap has nothing else in it.
 */
export function processorSlowness(): number {
  const { stdout } = spawnSync(process.execPath, [import.meta.filename], { encoding: 'utf8' })
  return Number(stdout) / referenceMs
}

if (import.meta.main) {
  const times = Array.from({ length: warmUps + attempts }, workMs).slice(warmUps)
  console.log(times.sort((a, b) => a - b)[Math.floor(attempts / 2)])
}

/** CPU time of a fixed piece of what our processes do all day: objects into text and back, and bytes. */
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
