import { get, type IncomingMessage } from 'node:http'
import { BenchError } from './bench-error.ts'

/** A reader of the console's stream that only counts, so that two hundred readers do not distort the measurement. */
export interface EventStream {
  /** Resolves when the stream has begun. */
  readonly answered: Promise<void>
  readonly events: number
  readonly bytes: number
  close(): void
}

const mark = Buffer.from('\nevent: message\n')

export function openEventStream(url: URL, headers: Readonly<Record<string, string>>): EventStream {
  let events = 0
  let bytes = 0
  let end = Buffer.alloc(0)
  const count = (chunk: Buffer): void => {
    bytes += chunk.length
    const text = Buffer.concat([end, chunk])
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) events += 1
    // A mark may be cut in two.
    end = text.subarray(-(mark.length - 1))
  }
  const request = get(url, { headers, agent: false })
  return {
    answered: new Promise((resolve, reject) => {
      request.once('error', reject)
      request.once('response', (response: IncomingMessage) => {
        response.on('data', count)
        // The counts of the streams show which of them lack events.
        response.on('error', () => undefined)
        if (response.statusCode === 200) resolve()
        else reject(new BenchError(`The console's stream answered ${response.statusCode}.`))
      })
    }),
    get events() {
      return events
    },
    get bytes() {
      return bytes
    },
    close: () => request.destroy(),
  }
}
