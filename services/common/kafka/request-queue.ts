import { createRequire } from 'node:module'
import { once } from './once.ts'

interface RequestQueue {
  readonly pending: readonly unknown[]
  readonly inflight: ReadonlyMap<number, { sentAt: number; requestTimeout: number; timeoutRequest(): void }>
  readonly throttledUntil: number
  readonly enforceRequestTimeout: boolean
  throttleCheckTimeoutId: NodeJS.Timeout | null
  requestTimeoutIntervalId: NodeJS.Timeout | undefined
  isConnected(): boolean
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
  scheduleRequestTimeoutCheck(): void
  destroy(): void
}

const pendingCheckMs = 10
const timeoutCheckMs = 1_000

/**
 * Repairs the timers of KafkaJS 2.2.4's request queue; applied once per process.
 *
 * Whenever nothing is throttled, KafkaJS sets a timer with a negative delay, which Node takes for 1 ms and which sets
 * the next one: 6 % of a core for each idle process (https://github.com/tulios/kafkajs/issues/1751). A check is needed
 * only while a request is pending. KafkaJS looks for timed-out requests ten times a second per connection; once will
 * do.
 */
export const quietRequestQueue = once(() => {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    prototype: RequestQueue
  }
  prototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests
  prototype.scheduleRequestTimeoutCheck = scheduleRequestTimeoutCheck
})

function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return
  const throttledForMs = this.throttledUntil - Date.now()
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null
      this.checkPendingRequests()
    },
    throttledForMs > 0 ? throttledForMs : pendingCheckMs,
  )
}

function scheduleRequestTimeoutCheck(this: RequestQueue): void {
  if (!this.enforceRequestTimeout) return
  this.destroy()
  this.requestTimeoutIntervalId = setInterval(() => {
    for (const request of this.inflight.values()) {
      if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest()
    }
    if (!this.isConnected()) this.destroy()
  }, timeoutCheckMs)
}
