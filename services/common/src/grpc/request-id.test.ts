import {
  CancelPaymentRequestSchema,
  CheckoutRequestSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { callOf, fingerprintOf } from './request-id.ts'

describe('a call', () => {
  const requestId = crypto.randomUUID()
  const by = { subject: 'ada', resourceId: crypto.randomUUID() }

  it('is remembered under the method in the name of its request, with all of its fields', () => {
    const request = create(CancelPaymentRequestSchema, { requestId, paymentId: by.resourceId })
    expect(callOf(CancelPaymentRequestSchema, request, by)).to.deep.equal({
      ...by,
      method: 'CancelPayment',
      requestId,
      fingerprint: fingerprintOf(CancelPaymentRequestSchema, request),
    })
  })

  it('is a different call with another field', () => {
    const [one, other] = [1n, 2n].map((amount) =>
      callOf(CheckoutRequestSchema, create(CheckoutRequestSchema, { requestId, amount }), by),
    )
    expect(one?.fingerprint).not.to.deep.equal(other?.fingerprint)
  })
})
