import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from './attack.ts'
import { allAttacks } from './attacks/all-attacks.ts'
import { Tally } from './tally.ts'
import { yieldProcessor } from './yield-processor.ts'

// The process of one attacker. It reads its target from standard input and runs until SIGTERM. It prints its tally as
// a line when it begins, at intervals, and when it ends.
yieldProcessor()

/**
 * A bound for the case that the harness ends without stopping it: they have different sessions, so no terminal signals
 * both.
 */
const lifeMsMax = 180_000
const parentCheckMs = 1_000
const reportMs = 200
/** The time in which calls in flight at SIGTERM may still be answered. */
const endMsMax = 8_000

const { name, target } = JSON.parse(await text(process.stdin)) as { name: string; target: Target }
const attack = allAttacks.find((candidate) => candidate.name === name)
if (attack === undefined) throw new Error(`there is no attack ${name}`)

const over = new AbortController()
process.on('SIGTERM', () => over.abort())
process.on('SIGINT', () => over.abort())
setTimeout(() => process.exit(1), lifeMsMax).unref()
const harness = process.ppid
setInterval(() => process.ppid !== harness && process.exit(1), parentCheckMs).unref()

const tally = new Tally()
const report = (done?: () => void): void => {
  process.stdout.write(`${JSON.stringify(tally.outcomes)}\n`, done)
}
report()
setInterval(report, reportMs).unref()
await Promise.race([
  attack.run(target, tally, over.signal),
  once(over.signal, 'abort').then(() => sleep(endMsMax)),
])
report(() => process.exit(0))
