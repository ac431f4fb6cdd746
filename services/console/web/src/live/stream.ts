import type { FeedEvent, Overview } from '../../../src/contract/answers.ts'
import { type Following, follow } from './follow.ts'

export interface StreamOptions {
  /** Only events of this payment, of this concert. */
  readonly payment?: string
  readonly concert?: string
  /** The position of what was read before: the stream goes on behind it. */
  readonly after?: string
  onEvents?(events: readonly FeedEvent[]): void
  onOverview?(overview: Overview): void
  /** The stream could not bring all that was missed: the state has to be read again. */
  onReset?(): void
}

interface Reader {
  readonly options: StreamOptions
  /** Up to where it has been told. */
  told: bigint | undefined
}

/** What comes within this time is shown together: nobody reads faster, and each showing lays the page out anew. */
const showMs = 100

const readers = new Set<Reader>()
/** The one connection of the page, while anybody reads: a browser has six for all its tabs. */
let following: Following | undefined
let waiting: FeedEvent[] = []
let shownAt = Number.NEGATIVE_INFINITY
let timer: ReturnType<typeof setTimeout> | undefined
let overview: Overview | undefined

/**
 * Reads the stream until it is closed: whatever is behind `after`, or from now on, each event once and in its order. All
 * readers share one connection. For one that comes later and has to go on behind an earlier position the connection goes
 * back to it, and the others are not told again.
 */
export function openStream(options: StreamOptions): () => void {
  show()
  const { after } = options
  const position = after ?? following?.position
  const reader: Reader = { options, told: position === undefined ? undefined : BigInt(position) }
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
  // Where the stream began is not known: it may have been before that.
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

/** The first ones at once, those that follow soon a little later. */
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
  for (const reader of readers) tell(reader, events)
}

function tell(reader: Reader, events: readonly FeedEvent[]): void {
  const wanted: FeedEvent[] = []
  for (const event of events) {
    const position = BigInt(event.position)
    if (reader.told !== undefined && position <= reader.told) continue
    reader.told = position
    if (isWanted(event, reader.options)) wanted.push(event)
  }
  if (wanted.length > 0) reader.options.onEvents?.(wanted)
}

function isWanted({ paymentId, seats }: FeedEvent, { payment, concert }: StreamOptions): boolean {
  if (payment !== undefined && paymentId !== payment) return false
  return concert === undefined || seats?.concertId === concert
}
