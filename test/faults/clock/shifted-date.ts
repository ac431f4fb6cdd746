import { readFileSync, unwatchFile, watchFile } from 'node:fs'

// node --import shifted-date.ts: shifts the process's clock by the milliseconds in the file named by FAULT_CLOCK_FILE,
// as soon as the file changes. Timers are not affected, as when an operator sets a machine's clock: they do not use
// the wall clock.
const file = process.env.FAULT_CLOCK_FILE
const RealDate = Date
let offsetMs = 0

if (file !== undefined) {
  read(file)
  watchFile(file, { interval: 100, persistent: false }, () => read(file))
  process.once('exit', () => unwatchFile(file))
  const now = (): number => RealDate.now() + offsetMs
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, parameters, newTarget) =>
      Reflect.construct(target, parameters.length === 0 ? [now()] : parameters, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  })
}

function read(from: string): void {
  try {
    offsetMs = Number(readFileSync(from, 'utf8')) || 0
  } catch {
    offsetMs = 0
  }
}
