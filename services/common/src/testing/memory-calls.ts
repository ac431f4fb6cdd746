import type { OutboxMessage } from '@boxoffice/messaging'
import type { CallStore } from '../grpc/call-store.ts'
import { type RememberedRequest, requestIdReused, seenAs } from '../grpc/request-id.ts'

/** Requests and outbox in memory. */
export interface CallTables {
  /** Fingerprints, by subject, method and request id. */
  readonly requests: Map<string, Uint8Array>
  readonly outbox: OutboxMessage[]
}

/** The store of calls on tables in memory. A transaction works on a copy. */
export const memoryCallStore: CallStore<CallTables> = {
  async rememberRequest({ requests }, request) {
    const seen = seenAs(requests.get(requestKey(request)), request.fingerprint)
    if (seen === 'reused') throw requestIdReused(request.requestId)
    requests.set(requestKey(request), request.fingerprint)
    return seen
  },
  findRequests: async ({ requests }, wanted) => wanted.map((request) => requests.get(requestKey(request))),
  async rememberRequests({ requests }, remembered) {
    for (const request of remembered) {
      const key = requestKey(request)
      if (requests.has(key)) throw new Error(`request ${request.requestId} is remembered already`)
      requests.set(key, request.fingerprint)
    }
  },
  async append({ outbox }, messages) {
    outbox.push(...messages)
  },
}

export function requestKey({
  subject,
  method,
  requestId,
}: Pick<RememberedRequest, 'subject' | 'method' | 'requestId'>): string {
  return `${subject}/${method}/${requestId}`
}

export function emptyCallTables(): CallTables {
  return { requests: new Map(), outbox: [] }
}

export function copyCallTables({ requests, outbox }: CallTables): CallTables {
  return { requests: new Map(requests), outbox: [...outbox] }
}

/** A store in memory for tests. A transaction's changes are kept if it does not fail. */
export function memoryTransactions<Tables>(empty: Tables, copy: (tables: Tables) => Tables) {
  let tables = empty
  return {
    em: () => tables,
    async transaction<Result>(work: (tx: Tables) => Promise<Result>): Promise<Result> {
      const draft = copy(tables)
      const result = await work(draft)
      tables = draft
      return result
    },
  }
}
