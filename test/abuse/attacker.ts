import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from './attack.ts'
import { allAttacks } from './attacks/all-attacks.ts'
import { Tally } from './tally.ts'
import { yieldProcessor } from './yield-processor.ts'

// The process of one attacker: reads what to attack from its standard input, goes on until SIGTERM. It prints
// its tally when it begins, again and again, and when it ends: each a line.
yieldProcessor()

/** However its harness ends, which is not of its session: no signal of a terminal reaches both. */
const lifeMsMax = 180_000
const parentCheckMs = 1_000
const tellMs = 200
/** What is in flight when it is told to end may still be answered. */
const endMsMax = 8_000

const { name, target } = JSON.parse(await text(process.stdin)) as { name: string; target: Target }
const attack = allAttacks.find((one) => one.name === name)
if (attack === undefined) throw new Error(`there is no attack ${name}`)

const over = new AbortController()
process.on('SIGTERM', () => over.abort())
process.on('SIGINT', () => over.abort())
setTimeout(() => process.exit(1), lifeMsMax).unref()
const harness = process.ppid
setInterval(() => process.ppid !== harness && process.exit(1), parentCheckMs).unref()

const tally = new Tally()
const tell = (done?: () => void): void => {
  process.stdout.write(`${JSON.stringify(tally.outcomes)}\n`, done)
}
tell()
setInterval(tell, tellMs).unref()
await Promise.race([
  attack.run(target, tally, over.signal),
  once(over.signal, 'abort').then(() => sleep(endMsMax)),
])
tell(() => process.exit(0))
