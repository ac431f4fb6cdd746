import { createParser } from 'eventsource-parser'
import type { FeedEvent, Overview } from '../../../src/contract/answers.ts'
import { setConnection } from './connection.ts'
import { fetchSignedIn } from './session.ts'

export interface StreamOptions {
  readonly payment?: string
  readonly concert?: string
  /** The position of what was read before: the stream goes on behind it. */
  readonly after?: string
  onEvents?(events: readonly FeedEvent[]): void
  onOverview?(overview: Overview): void
  /** The stream could not bring all that was missed: the state has to be read again. */
  onReset?(): void
}

/** Longer than the heartbeat: a connection that is this silent is gone. */
const silenceMs = 20_000
const retryMsMax = 5_000
/** What comes within this time is shown together: nobody reads faster, and each showing lays the page out anew. */
const showMs = 100

/**
 * Follows the stream until it is closed. It comes back by itself, behind the last event that it saw, whichever replica
 * answers then.
 */
export function openStream(options: StreamOptions): () => void {
  const closing = new AbortController()
  let last = options.after
  let failures = 0
  let waiting: FeedEvent[] = []
  let shownAt = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined

  /** The first ones at once, those that follow soon a little later. */
  function showSoon(): void {
    if (waiting.length === 0 || timer !== undefined) return
    const restMs = shownAt + showMs - performance.now()
    if (restMs <= 0) show()
    else timer = setTimeout(show, restMs)
  }

  function show(): void {
    timer = undefined
    shownAt = performance.now()
    const events = waiting
    waiting = []
    if (!closing.signal.aborted) options.onEvents?.(events)
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await follow()
        failures = 0
      } catch {
        failures += 1
      }
      if (closing.signal.aborted) return
      setConnection('lost')
      await pause(Math.min(250 * 2 ** failures, retryMsMax), closing.signal)
    }
  }

  async function follow(): Promise<void> {
    const query = new URLSearchParams()
    for (const name of ['payment', 'concert'] as const) {
      const value = options[name]
      if (value !== undefined) query.set(name, value)
    }
    const connection = new AbortController()
    const signal = AbortSignal.any([closing.signal, connection.signal])
    const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': last }
    const response = await fetchSignedIn(`/api/events?${query}`, { headers, signal })
    if (!response.ok || response.body === null) throw new Error(`the stream answered ${response.status}`)
    setConnection('live')
    failures = 0
    await read(response.body, connection)
  }

  async function read(body: ReadableStream<Uint8Array>, connection: AbortController): Promise<void> {
    const parser = createParser({
      onEvent({ event, data, id }) {
        if (id !== undefined) last = id
        if (event === 'message') waiting.push(JSON.parse(data) as FeedEvent)
        else if (event === 'overview') options.onOverview?.(JSON.parse(data) as Overview)
        else if (event === 'reset') options.onReset?.()
      },
    })
    const decoder = new TextDecoder()
    const reader = body.getReader()
    let silence: ReturnType<typeof setTimeout> | undefined
    try {
      while (true) {
        clearTimeout(silence)
        silence = setTimeout(() => connection.abort(), silenceMs)
        const { done, value } = await reader.read()
        if (done) return
        parser.feed(decoder.decode(value, { stream: true }))
        showSoon()
      }
    } finally {
      clearTimeout(silence)
    }
  }

  void run()
  return () => closing.abort()
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
