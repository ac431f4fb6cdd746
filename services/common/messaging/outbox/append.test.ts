import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import { expect } from 'chai'
import type { OutboxMessage } from '../message/outbox-message.ts'
import { appendToOutbox } from './append.ts'

describe('the outbox', () => {
  /** Whatever is asked of it is a defect: nothing is to be written. */
  const untouched = {} as EntityManager

  it('takes no message that its topic would refuse, for its value or for its headers', async () => {
    const mebibyte = 'x'.repeat(1_048_576)
    for (const large of [{ payload: Buffer.from(mebibyte) }, { headers: { large: mebibyte } }]) {
      const refusal = await appendToOutbox(untouched, [message, { ...message, ...large }]).catch(
        (error: unknown) => error,
      )
      expect(refusal).to.include({ code: 'MESSAGE_TOO_LARGE', retriable: false })
    }
  })
})

const message: OutboxMessage = {
  id: '6fa459ea-ee8a-4ca4-894e-db77e160355e',
  topic: 'payment-events',
  key: Buffer.from('key'),
  type: 'boxoffice.Test',
  payload: Buffer.from('payload'),
  headers: {},
}
