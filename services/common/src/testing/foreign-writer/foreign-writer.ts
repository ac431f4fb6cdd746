import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fetchKafka } from '../../../../../scripts/platform/kafka/fetch.ts'
import type { TestRecord } from '../consumer-records.ts'

export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

export interface ForeignBatch {
  readonly codec: (typeof codecs)[number]
  /** How its transaction ends; without it there is no transaction. */
  readonly end?: 'commit' | 'abort'
  readonly topic: string
  readonly partition?: number
  readonly records: readonly ForeignRecord[]
}

/** A record. A number of zeros replaces a value that is too long to pass on. */
export type ForeignRecord = Partial<Pick<TestRecord, 'key' | 'headers'>> & {
  readonly value: Buffer | number | null
}

/** Writes records that other clients may write, with Kafka's own client. */
export interface ForeignWriter {
  /** Returns the offset of the last record, once it is written and its transaction has ended. */
  write(batch: ForeignBatch): Promise<bigint>
  stop(): Promise<void>
}

/** Starts the writer from its source, which needs a JDK; the jars are the broker's. */
export async function startForeignWriter(brokers: readonly string[]): Promise<ForeignWriter> {
  const jars = path.join(await fetchKafka(), '*')
  const source = path.join(import.meta.dirname, 'ForeignWriter.java')
  const child = spawn('java', ['-Xmx512m', '-XX:+UseSerialGC', '-cp', jars, source, brokers.join(',')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaints = ''
  child.stderr.on('data', (text: Buffer) => {
    complaints = `${complaints}${text}`.slice(-2_000)
  })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  async function answer(): Promise<bigint> {
    for (;;) {
      const { value, done } = await answers.next()
      if (done === true) throw new Error(`the foreign writer has ended: ${complaints}`)
      const found = /^offset (\d+)$/.exec(value)
      if (found?.[1] !== undefined) return BigInt(found[1])
    }
  }

  return {
    async write({ codec, end = 'plain', topic, partition = 0, records }) {
      child.stdin.write(`${[codec, end, topic, partition, ...records.map(toWord)].join(' ')}\n`)
      return await answer()
    },
    async stop() {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

function toWord({ key = null, value, headers = {} }: ForeignRecord): string {
  const fields = Object.entries(headers).map(([name, text]) => `${name}=${encode(text)}`)
  return [encode(key), encode(value), ...fields].join(',')
}

function encode(value: Buffer | string | number | null): string {
  if (value === null) return '-'
  return typeof value === 'number' ? `*${value}` : Buffer.from(value as string).toString('base64url')
}
