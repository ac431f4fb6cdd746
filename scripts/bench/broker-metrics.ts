import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { BenchError } from './bench-error.ts'
import type { MeasuredProcess } from './system-under-test.ts'

/** The counters of all brokers together, since each was started. */
export interface BrokerCounts {
  /** Requests by kind, such as `Produce`, `FetchFollower` and `FetchConsumer`. */
  readonly requests: Readonly<Record<string, number>>
  /** Appends: one for each partition of a produce request. */
  readonly appends: number
  readonly records: number
}

export interface BrokerMetrics {
  /** @throws BenchError when the brokers do not answer */
  read(): Promise<BrokerCounts>
  stop(): Promise<void>
}

const answerTimeoutMs = 30_000
const source = path.join(import.meta.dirname, 'broker-metrics.java')

/**
 * Starts a reader of the brokers' own metrics, over JMX, from this machine only. The reader is a JVM that waits
 * between two reads and ends with this process. Returns undefined if none of the processes is a broker.
 */
export async function startBrokerMetrics(
  processes: readonly MeasuredProcess[],
): Promise<BrokerMetrics | undefined> {
  const pids = processes.filter(({ name }) => name.startsWith('kafka-')).map(({ pid }) => String(pid))
  if (pids.length === 0) return undefined
  const reader = spawn('java', ['-Xmx64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', source, ...pids], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const complaints: Buffer[] = []
  reader.stderr.on('data', (chunk: Buffer) => complaints.push(chunk))
  // A write after the reader's end fails; the missing answer reports it.
  reader.stdin.on('error', () => undefined)
  const ended = once(reader, 'close').catch((error: Error) => complaints.push(Buffer.from(error.message)))
  const answers = createInterface({ input: reader.stdout })

  const read = async (): Promise<BrokerCounts> => {
    const signal = AbortSignal.timeout(answerTimeoutMs)
    const answer = once(answers, 'line', { signal }).then(([line]) => String(line))
    reader.stdin.write('\n')
    const line = await Promise.race([answer, ended.then(() => undefined)]).catch(() => undefined)
    if (line !== undefined) return JSON.parse(line) as BrokerCounts
    reader.kill('SIGKILL')
    throw new BenchError(`The brokers' metrics cannot be read: ${Buffer.concat(complaints)}`)
  }
  // Compiles and connects before anything is measured.
  await read()
  return {
    read,
    async stop() {
      reader.stdin.end()
      await ended
    },
  }
}
