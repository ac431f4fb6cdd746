import type { FeedEvent, Overview } from '../../../src/contract/answers.ts'
import { type Following, follow } from './follow.ts'

export interface StreamOptions {
  /** Only events of this payment, or of this concert. */
  readonly payment?: string
  readonly concert?: string
  /** The position of the data that was read before: the stream continues after it. */
  readonly after?: string
  onEvents?(events: readonly FeedEvent[]): void
  onOverview?(overview: Overview): void
  /** Called when the stream cannot bring all missed events: the state has to be read again. */
  onReset?(): void
}

interface Reader {
  readonly options: StreamOptions
  /** The position of the last event that was passed to the reader. */
  delivered: bigint | undefined
}

/**
 * Events within this time are shown together: people do not read faster, and each update costs a layout of the page.
 */
const showMs = 100

const readers = new Set<Reader>()
/** The one connection of the page, while there are readers: a browser has six for all its tabs. */
let following: Following | undefined
let waiting: FeedEvent[] = []
let shownAt = Number.NEGATIVE_INFINITY
let timer: ReturnType<typeof setTimeout> | undefined
let overview: Overview | undefined

/**
 * Reads the stream until it is closed: all events after `after`, or from now on, each once and in order. All readers
 * share one connection. If a later reader needs an earlier position, the connection goes back to it; the other readers
 * skip the repeats.
 */
export function openStream(options: StreamOptions): () => void {
  show()
  const { after } = options
  const position = after ?? following?.position
  const reader: Reader = { options, delivered: position === undefined ? undefined : BigInt(position) }
  if (following === undefined) following = follow(after, follower)
  else if (after !== undefined) includeFrom(after, following)
  readers.add(reader)
  queueMicrotask(() => {
    if (overview !== undefined && readers.has(reader)) options.onOverview?.(overview)
  })
  return () => {
    if (!readers.delete(reader) || readers.size > 0) return
    following?.close()
    following = undefined
    overview = undefined
    clearTimeout(timer)
    timer = undefined
    waiting = []
  }
}

function includeFrom(after: string, shared: Following): void {
  const { position } = shared
  if (position !== undefined && BigInt(position) <= BigInt(after)) return
  shared.goBackTo(after)
  // The position at which the stream began is unknown: it may have been before `after`.
  if (position === undefined) reset()
}

const follower = {
  onEvent: (event: FeedEvent): void => void waiting.push(event),
  onPause: showSoon,
  onOverview(news: Overview): void {
    overview = news
    for (const { options } of readers) options.onOverview?.(news)
  },
  onReset(): void {
    show()
    reset()
  },
}

function reset(): void {
  for (const { options } of readers) options.onReset?.()
}

/** Shows the first events at once, and those that follow soon a little later. */
function showSoon(): void {
  if (waiting.length === 0 || timer !== undefined) return
  const restMs = shownAt + showMs - performance.now()
  if (restMs <= 0) show()
  else timer = setTimeout(show, restMs)
}

function show(): void {
  clearTimeout(timer)
  timer = undefined
  if (waiting.length === 0) return
  shownAt = performance.now()
  const events = waiting
  waiting = []
  for (const reader of readers) deliver(events, reader)
}

function deliver(events: readonly FeedEvent[], reader: Reader): void {
  const wanted: FeedEvent[] = []
  for (const event of events) {
    const position = BigInt(event.position)
    if (reader.delivered !== undefined && position <= reader.delivered) continue
    reader.delivered = position
    if (isWanted(event, reader.options)) wanted.push(event)
  }
  if (wanted.length > 0) reader.options.onEvents?.(wanted)
}

function isWanted({ paymentId, seats }: FeedEvent, { payment, concert }: StreamOptions): boolean {
  if (payment !== undefined && paymentId !== payment) return false
  return concert === undefined || seats?.concertId === concert
}
