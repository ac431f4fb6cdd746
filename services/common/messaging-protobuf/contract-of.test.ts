import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { source as sourceOption } from '@boxoffice/proto/boxoffice/type/v1/contract_pb.ts'
import { create, type DescFile, type DescMessage, getOption } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { contractOf, travels } from './contract-of.ts'

/** Every message of proto/, and what its record says: topic, owner, key, subject and what its id is derived from. */
const contracts: Readonly<Record<string, readonly [string, string, string, string, string | undefined]>> = {
  'point.v1.UsePointCommand': ['point-commands', 'payment', 'user_id', 'payment_id', undefined],
  'point.v1.RefundPointCommand': ['point-commands', 'payment', 'user_id', 'payment_id', undefined],
  'point.v1.PointUsedEvent': ['point-events', 'point', 'payment_id', 'payment_id', 'the command'],
  'point.v1.PointRefundedEvent': ['point-events', 'point', 'payment_id', 'payment_id', 'the command'],
  'point.v1.PointsChargedEvent': ['point-events', 'point', 'user_id', 'transaction_id', 'transaction_id'],
  'reservation.v1.ConfirmSeatsCommand': [
    'reservation-commands',
    'payment',
    'reservation_id',
    'payment_id',
    undefined,
  ],
  'reservation.v1.SeatsConfirmedEvent': [
    'reservation-events',
    'reservation',
    'payment_id',
    'payment_id',
    'the command',
  ],
  'reservation.v1.SeatsHeldEvent': ['reservation-events', 'reservation', 'id', 'id', 'hold/id'],
  'reservation.v1.SeatsReleasedEvent': ['reservation-events', 'reservation', 'id', 'id', 'release/id'],
  'reservation.v1.ConcertCreatedEvent': ['reservation-events', 'reservation', 'id', 'id', 'create/id'],
  'payment.v1.PaymentAcceptedEvent': ['payment-events', 'payment', 'id', 'id', 'id/7'],
  'payment.v1.PaymentProcessingEvent': ['payment-events', 'payment', 'id', 'id', 'id/7'],
  'payment.v1.PaymentCompletedEvent': ['payment-events', 'payment', 'id', 'id', 'id/7'],
  'payment.v1.PaymentFailedEvent': ['payment-events', 'payment', 'id', 'id', 'id/7'],
  'payment.v1.PaymentSettledEvent': ['payment-events', 'payment', 'id', 'id', 'id/7'],
}

describe('the contract of a message', () => {
  let messages: DescMessage[]
  before(async () => {
    messages = (await allFiles()).flatMap((file) => file.messages)
  })

  it('is whole where there is one, and only commands and events have one', () => {
    const whole = messages.filter(travels).map((schema) => [schema.typeName, Boolean(contractOf(schema))])
    const named = Object.keys(contracts).map((name) => [`boxoffice.${name}`, true])
    expect(whole).to.have.deep.members(named)
    const halves = messages.filter((schema) => getOption(schema, sourceOption) !== '' && !travels(schema))
    expect(halves.map(({ typeName }) => typeName)).to.deep.equal([])
  })

  it('says what stands beside the bytes', () => {
    for (const schema of messages.filter(travels)) {
      const body = create(schema, fieldsOf(schema))
      const { topic, source, ...contract } = contractOf(schema)
      expect(
        [
          topic,
          source,
          contract.keyOf(body),
          contract.subjectOf(body),
          contract.causeOf(body, 'the command'),
        ],
        schema.typeName,
      ).to.deep.equal(
        contracts[schema.typeName.replace('boxoffice.', '')]?.map((one, nth) =>
          nth === 1 ? `boxoffice/${one}` : one,
        ),
      )
    }
  })

  it('is refused where there is none', () => {
    const request = messages.find(({ name }) => name === 'CheckoutRequest') as DescMessage
    expect(() => contractOf(request)).to.throw('neither a command nor an event')
  })
})

/** Each text field says its own name; a message inside has an id. */
function fieldsOf(schema: DescMessage): Record<string, unknown> {
  return Object.fromEntries(
    schema.fields.flatMap((field): [string, unknown][] => {
      if (field.fieldKind === 'scalar' && field.scalar === 9) return [[field.localName, field.name]]
      if (field.fieldKind !== 'message') return []
      return ['payment', 'reservation', 'concert'].includes(field.name)
        ? [[field.localName, { [`${field.name}Id`]: 'id', sequence: 7 }]]
        : []
    }),
  )
}

async function allFiles(): Promise<DescFile[]> {
  const root = path.resolve('proto/gen')
  const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('_pb.ts'))
  const modules = await Promise.all(names.map((name) => import(path.join(root, name))))
  return modules.flatMap((one: object) =>
    (Object.values(one) as DescFile[]).filter((value) => value?.kind === 'file'),
  )
}
