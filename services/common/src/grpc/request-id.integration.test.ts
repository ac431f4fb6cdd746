import { CheckoutRequestSchema } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { durationFromMs } from '@bufbuild/protobuf/wkt'
import { expect } from 'chai'
import { createTestDatabase, type TestDatabase } from '../testing/database.ts'
import { CreateMessagingTables } from '../testing/messaging-migration.ts'
import { fingerprintOf, type RememberedRequest, rememberRequest } from './request-id.ts'

describe('rememberRequest', () => {
  let test: TestDatabase
  before(async () => {
    test = await createTestDatabase({ entities: [], migrations: [CreateMessagingTables] })
  })
  after(() => test.drop())

  const requestOf = (changes: Partial<RememberedRequest> = {}): RememberedRequest => ({
    subject: 'alice',
    method: 'Checkout',
    requestId: crypto.randomUUID(),
    fingerprint: Buffer.from('one'),
    resourceId: crypto.randomUUID(),
    ...changes,
  })
  const remember = (request: RememberedRequest): Promise<'new' | 'repeated'> =>
    test.database.transaction((em) => rememberRequest(em, request))

  it('recognises a repeated request', async () => {
    const request = requestOf()
    expect(await remember(request)).to.equal('new')
    expect(await remember(request)).to.equal('repeated')
  })

  it('keeps subjects and methods apart', async () => {
    const request = requestOf()
    await remember(request)
    expect(await remember({ ...request, subject: 'bob' })).to.equal('new')
    expect(await remember({ ...request, method: 'CancelPayment' })).to.equal('new')
  })

  it('refuses an id that was used with other fields', async () => {
    const request = requestOf()
    await remember(request)
    const failure = await remember({ ...request, fingerprint: Buffer.from('two') }).catch(
      (error: unknown) => error,
    )
    expect(failure).to.include({ name: 'ApiError', code: 6, reason: 'REQUEST_ID_REUSED' })
  })

  it('finds exactly one of many concurrent duplicates to be new', async () => {
    const request = requestOf()
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => remember(request)))
    expect(outcomes.filter((outcome) => outcome === 'new')).to.have.length(1)
  })

  it('makes a duplicate wait for the first request, and finds it new if that is refused', async () => {
    const request = requestOf()
    const first = Promise.withResolvers<void>()
    const second = Promise.withResolvers<'new' | 'repeated'>()
    const refused = test.database
      .transaction(async (em) => {
        await rememberRequest(em, request)
        remember(request).then(second.resolve, second.reject)
        await first.promise
        throw new Error('refused')
      })
      .catch(() => undefined)
    first.resolve()
    await refused
    expect(await second.promise).to.equal('new')
  })
})

describe('fingerprintOf', () => {
  const request = { requestId: crypto.randomUUID(), reservationId: crypto.randomUUID(), amount: 5n }

  it('is equal for equal fields, and different for others', () => {
    const fingerprint = (changes: object): string =>
      Buffer.from(
        fingerprintOf(CheckoutRequestSchema, create(CheckoutRequestSchema, { ...request, ...changes })),
      ).toString('hex')
    expect(fingerprint({})).to.equal(fingerprint({ wait: undefined }))
    expect(fingerprint({})).to.not.equal(fingerprint({ amount: 6n }))
    expect(fingerprint({})).to.not.equal(fingerprint({ wait: durationFromMs(5) }))
  })
})
