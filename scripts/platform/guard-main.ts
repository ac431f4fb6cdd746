import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { GuardOrder, Ward } from './guard.ts'

// Started by guard.ts, never by hand. Signals for the parent (Ctrl-C, a closing terminal) do not end it: only the end
// of its input does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

const wards = new Map<number, Ward>()
const leftovers = new Set<string>()
let kill = false

for await (const line of createInterface({ input: process.stdin })) obey(JSON.parse(line) as GuardOrder)

const stages = new Set([...wards.values()].map((ward) => ward.stage))
for (const stage of [...stages].sort((a, b) => a - b)) {
  await Promise.all([...wards.values()].filter((ward) => ward.stage === stage).map(end))
}
for (const leftover of leftovers)
  await rm(leftover, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })

function obey(order: GuardOrder): void {
  if ('watch' in order) wards.set(order.watch.pid, order.watch)
  else if ('forget' in order) wards.delete(order.forget)
  else if ('removeAtEnd' in order) leftovers.add(order.removeAtEnd)
  else if ('keep' in order) leftovers.delete(order.keep)
  else kill = true
}

async function end({ pid, signal, graceMs }: Ward): Promise<void> {
  signalGroup(pid, kill ? 'SIGKILL' : signal)
  // A group that a fault test has stopped with SIGSTOP would never see the signal.
  signalGroup(pid, 'SIGCONT')
  const deadline = Date.now() + graceMs
  while (isAlive(pid) && Date.now() < deadline) await delay(20)
  signalGroup(pid, 'SIGKILL')
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // The whole group has already ended.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0)
    return true
  } catch {
    return false
  }
}
