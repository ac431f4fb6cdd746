import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { waitFor } from './wait-for.ts'

export interface RelayProcess {
  readonly child: ChildProcess
  /** What it has logged, one object a line. */
  readonly logged: readonly { readonly msg: string; readonly [name: string]: unknown }[]
  /**
   * Waits until it has logged this message. A row that is written before `streaming` may come twice, by the table and
   * by the stream.
   */
  saw(message: string, deadlineMs?: number): Promise<void>
  /** The first sample of this name that has the label; NaN without one. */
  metric(name: string, label?: string): Promise<number>
  /** The same, once it is there: a relay hides what it has not measured for a few rounds. */
  measured(name: string): Promise<number>
  /** Sends a signal and waits for the end. Returns the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts `main.ts` as an operating-system process of its own. */
export function startRelay(env: {
  readonly DATABASE_URL: string
  readonly KAFKA_BROKERS?: string
  readonly [name: string]: string | undefined
}): RelayProcess {
  const main = path.join(import.meta.dirname, '..', 'main.ts')
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      RELAY_NAME: new URL(env.DATABASE_URL).pathname.slice(1),
      KAFKA_BROKERS: process.env.TEST_KAFKA_BROKERS,
      METRICS_ADDRESS: '127.0.0.1:0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const logged: { msg: string; [name: string]: unknown }[] = []
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) logged.push(JSON.parse(line))
    if (process.env.TEST_RELAY_LOG) process.stderr.write(text)
  })
  const saw = async (message: string, deadlineMs?: number): Promise<void> => {
    await waitFor(
      `"${message}" in the relay's log`,
      () => logged.some((line) => line.msg === message),
      deadlineMs,
    )
  }
  const metric = async (name: string, label = ''): Promise<number> => {
    await saw('started')
    const address = logged.find((line) => line.msg === 'started')?.metricsAddress
    const text = await (await fetch(`http://${address}/metrics`)).text()
    const line = text
      .split('\n')
      .find((one) => (one.startsWith(`${name}{`) || one.startsWith(`${name} `)) && one.includes(label))
    return Number(line?.split(' ').at(-1) ?? Number.NaN)
  }
  return {
    child,
    logged,
    saw,
    metric,
    async measured(name) {
      let value = Number.NaN
      await waitFor(`the metric ${name}`, async () => {
        value = await metric(name)
        return !Number.isNaN(value)
      })
      return value
    },
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      const exited = once(child, 'exit')
      child.kill(signal)
      await exited
      return child.exitCode
    },
  }
}
