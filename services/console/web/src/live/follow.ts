import { createParser } from 'eventsource-parser'
import type { FeedEvent, Overview } from '../../../src/contract/answers.ts'
import { leaveConnection, setConnection } from './connection.ts'
import { fetchSignedIn } from './session.ts'

export interface Following {
  /** The last position that was read; undefined while the stream continues from its end and no event has arrived. */
  readonly position: string | undefined
  /** Continues after an earlier position: the events since then arrive once more. */
  goBackTo(position: string): void
  close(): void
}

export interface Follower {
  onEvent(event: FeedEvent): void
  /** Called after each piece of the stream, with all its events handled. */
  onPause(): void
  onOverview(overview: Overview): void
  onReset(): void
}

/** Longer than the heartbeat: a connection that is silent for this long is gone. */
const silenceMs = 20_000
const retryMsMax = 5_000
const goneBack = new Error('the stream continues after an earlier position')

/**
 * Follows the stream of all events until it is closed, from after a position or from the end. It reconnects by itself
 * and continues after the last event that it saw, on any replica.
 */
export function follow(after: string | undefined, follower: Follower): Following {
  const closing = new AbortController()
  let connection = new AbortController()
  let position = after
  let failures = 0

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      connection = new AbortController()
      const signal = AbortSignal.any([closing.signal, connection.signal])
      try {
        await connect(signal)
      } catch {
        failures += 1
      }
      if (closing.signal.aborted) return
      if (signal.reason === goneBack) continue
      setConnection('lost')
      await pause(Math.min(250 * 2 ** failures, retryMsMax), closing.signal)
    }
  }

  async function connect(signal: AbortSignal): Promise<void> {
    const current = connection
    let silence: ReturnType<typeof setTimeout> | undefined
    const hear = (): void => {
      clearTimeout(silence)
      silence = setTimeout(() => current.abort(), silenceMs)
    }
    try {
      hear()
      const headers: Record<string, string> = position === undefined ? {} : { 'last-event-id': position }
      const response = await fetchSignedIn('/api/events', { headers, signal })
      if (!response.ok || response.body === null) throw new Error(`the stream answered ${response.status}`)
      setConnection('live')
      failures = 0
      await read(response.body, signal, hear)
    } finally {
      clearTimeout(silence)
    }
  }

  async function read(
    body: ReadableStream<Uint8Array>,
    signal: AbortSignal,
    hear: () => void,
  ): Promise<void> {
    const parser = createEventParser(
      follower,
      (id) => {
        position = id
      },
      signal,
    )
    await readTexts(body, signal, (text) => {
      hear()
      parser.feed(text)
      follower.onPause()
    })
  }

  void run()
  return {
    get position() {
      return position
    },
    goBackTo(earlier) {
      position = earlier
      connection.abort(goneBack)
    },
    close() {
      closing.abort()
      leaveConnection()
    },
  }
}

async function readTexts(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  while (true) {
    const { done, value } = await reader.read()
    // Data that arrived before the stream was closed must not count as read.
    if (done || signal.aborted) return
    onText(decoder.decode(value, { stream: true }))
  }
}

/** Passes each event to the follower, until the signal. */
function createEventParser(follower: Follower, onPosition: (id: string) => void, signal: AbortSignal) {
  return createParser({
    onEvent({ event, data, id }) {
      if (signal.aborted) return
      if (id !== undefined) onPosition(id)
      if (event === 'message') follower.onEvent(JSON.parse(data) as FeedEvent)
      else if (event === 'overview') follower.onOverview(JSON.parse(data) as Overview)
      else if (event === 'reset') follower.onReset()
    },
  })
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
