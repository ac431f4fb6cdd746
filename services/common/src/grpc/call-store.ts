import type { OutboxMessage } from '@boxoffice/messaging'
import { appendToOutbox } from '@boxoffice/messaging'
import type { EntityManager } from '../postgres/entity-manager.ts'
import { findRequests, type RememberedRequest, rememberRequest, rememberRequests } from './request-id.ts'

/**
 * The storage of a use case beside its service's own tables: the requests that it answers, and the messages that it
 * publishes. Use cases with it also run in memory. `Tx` is a transaction of the store.
 */
export interface CallStore<Tx> {
  /**
   * Remembers a request.
   *
   * @throws ApiError ALREADY_EXISTS (REQUEST_ID_REUSED) if it was used with another fingerprint
   */
  rememberRequest(tx: Tx, request: RememberedRequest): Promise<'new' | 'repeated'>
  /** The fingerprints of requests, in their order; undefined for requests that are not remembered. */
  findRequests(
    tx: Tx,
    requests: readonly Pick<RememberedRequest, 'subject' | 'method' | 'requestId'>[],
  ): Promise<(Uint8Array | undefined)[]>
  /** Remembers requests that findRequests has not found. If one is remembered already, the transaction fails. */
  rememberRequests(tx: Tx, requests: readonly RememberedRequest[]): Promise<void>
  /** Writes messages into the outbox, in their order. */
  append(tx: Tx, messages: readonly OutboxMessage[]): Promise<void>
}

/** The transactions of a store. A Database has those of PostgreSQL. */
export interface Transactions<Tx> {
  /** Runs `work` in one transaction and commits, or rolls back what threw. */
  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>
  /** The tables outside a transaction, for reads. */
  em(): Tx
}

/** The tables `request` and `outbox`. */
export const callStore: CallStore<EntityManager> = {
  rememberRequest,
  findRequests,
  rememberRequests,
  append: (em, messages) => appendToOutbox(em, messages),
}
