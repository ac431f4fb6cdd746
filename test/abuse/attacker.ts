import { once } from 'node:events'
import { getPriority, setPriority } from 'node:os'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from './attack.ts'
import { allAttacks } from './attacks/all-attacks.ts'
import { Tally } from './tally.ts'

// The process of one attacker: reads what to attack from its standard input, goes on until SIGTERM. It prints
// a line when it begins and its tally when it ends.
// Other people's machines do not share our two cores, so it gets only what the system and its users leave.
setPriority(Math.min(getPriority() + 5, 19))

/** However its harness ends. */
const lifeMsMax = 180_000
/** What is in flight when it is told to end may still be answered. */
const endMsMax = 8_000

const { name, target } = JSON.parse(await text(process.stdin)) as { name: string; target: Target }
const attack = allAttacks.find((one) => one.name === name)
if (attack === undefined) throw new Error(`there is no attack ${name}`)

const over = new AbortController()
process.on('SIGTERM', () => over.abort())
process.on('SIGINT', () => over.abort())
setTimeout(() => process.exit(1), lifeMsMax).unref()

const tally = new Tally()
process.stdout.write('begun\n')
await Promise.race([
  attack.run(target, tally, over.signal),
  once(over.signal, 'abort').then(() => sleep(endMsMax)),
])
process.stdout.write(`${JSON.stringify(tally.outcomes)}\n`, () => process.exit(0))
