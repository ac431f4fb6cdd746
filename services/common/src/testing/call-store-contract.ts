import { randomUUID } from 'node:crypto'
import type { OutboxMessage } from '@boxoffice/messaging'
import { expect } from 'chai'
import type { CallStore, Transactions } from '../grpc/call-store.ts'
import type { RememberedRequest } from '../grpc/request-id.ts'

/** A store that is open, and what tests read of it. */
export interface OpenCallStore<Tx> extends Pick<Transactions<Tx>, 'transaction'> {
  readonly store: CallStore<Tx>
  /** The ids in the outbox, in their order. */
  outboxIds(): Promise<readonly string[]>
  close(): Promise<void>
}

/** The contract suite of call stores, on PostgreSQL and in memory. */
export function callStoreContract<Tx>(name: string, open: () => Promise<OpenCallStore<Tx>>): void {
  describe(`the store of calls ${name}`, () => {
    let opened: OpenCallStore<Tx>
    before(async () => {
      opened = await open()
    })
    after(() => opened.close())

    const remember = (request: RememberedRequest) =>
      opened.transaction((tx) => opened.store.rememberRequest(tx, request))

    it('recognises a repeated request, and refuses its id with other fields', async () => {
      const request = requestOf()
      expect([await remember(request), await remember(request)]).to.deep.equal(['new', 'repeated'])
      expect(await remember({ ...request, subject: 'bob' })).to.equal('new')
      expect(await remember({ ...request, method: 'CancelPayment' })).to.equal('new')
      const reused = await remember({ ...request, fingerprint: Buffer.from('two') }).catch(String)
      expect(reused).to.contain('was used before with other fields')
    })

    it('finds fingerprints in the order of the requests, and nothing for an unknown one', async () => {
      const [first, second, unknown] = [
        requestOf(),
        requestOf({ fingerprint: Buffer.from('2') }),
        requestOf(),
      ]
      await opened.transaction((tx) => opened.store.rememberRequests(tx, [first, second]))
      const found = await opened.transaction((tx) => opened.store.findRequests(tx, [second, unknown, first]))
      expect(found.map((found) => found && Buffer.from(found).toString())).to.deep.equal([
        '2',
        undefined,
        'one',
      ])
    })

    it('remembers none of several requests if one of them is known', async () => {
      const [known, fresh] = [requestOf(), requestOf()]
      await remember(known)
      const failed = opened.transaction((tx) => opened.store.rememberRequests(tx, [fresh, known]))
      expect(await failed.catch(() => 'refused')).to.equal('refused')
      expect(await remember(fresh)).to.equal('new')
    })

    it('stores messages in their order, and none of a failed transaction', async () => {
      const messages = [messageOf(), messageOf()]
      const failed = opened.transaction(async (tx) => {
        await opened.store.append(tx, [messageOf()])
        throw new Error('the disk is full')
      })
      expect(await failed.catch(String)).to.contain('the disk is full')
      await opened.transaction((tx) => opened.store.append(tx, messages))
      expect(await opened.outboxIds()).to.deep.equal(messages.map(({ id }) => id))
    })
  })
}

function requestOf(changes: Partial<RememberedRequest> = {}): RememberedRequest {
  return {
    subject: 'ada',
    method: 'Checkout',
    requestId: randomUUID(),
    fingerprint: Buffer.from('one'),
    resourceId: randomUUID(),
    ...changes,
  }
}

function messageOf(): OutboxMessage {
  return { id: randomUUID(), topic: 'loans', key: null, type: 'Loan', payload: Buffer.from('x'), headers: {} }
}
