import { readFileSync, unwatchFile, watchFile } from 'node:fs'

// node --import shifted-date.ts: the process's clock is wrong by what the file of FAULT_CLOCK_FILE says, in milliseconds, from
// the moment it says so. Timers run on, as they do when somebody sets a machine's clock: they do not ask what time it is.
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
