import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import type { Contract } from './contract-of.ts'

/** A schema beside which its contract stands, since its options do not have it. */
export interface ContractedSchema<Desc extends DescMessage = DescMessage> {
  readonly schema: Desc
  readonly contract: Contract
}

/** What a schema without options says of its records. */
export interface GivenContract<Desc extends DescMessage> {
  readonly topic: string
  /** The service that owns the type, and alone may send it: `ce_source`. */
  readonly source: string
  /** The record's key, by which Kafka orders. */
  keyOf(body: MessageShape<Desc>): string
  /** `ce_subject`: what the message is about. */
  subjectOf(body: MessageShape<Desc>): string
  /** What the id is derived from, where the fields say so; else each message says it by its `cause`. */
  causeOf?(body: MessageShape<Desc>, causationId: string | undefined): string | undefined
}

/**
 * Gives a schema the contract that its options do not have: for schemas that are of others, or made at run time.
 *
 * @example
 * const OrderPlaced = withContract(OrderPlacedSchema, {
 *   topic: 'orders',
 *   source: 'shop',
 *   keyOf: ({ customer }) => customer,
 *   subjectOf: ({ order }) => order,
 * })
 * const codec = createProtobufCodec([OrderPlaced])
 * const message = createMessage({ schema: OrderPlaced, body, cause: body.order, time: new Date() })
 */
export function withContract<Desc extends DescMessage>(
  schema: Desc,
  contract: GivenContract<Desc>,
): ContractedSchema<Desc> {
  return { schema, contract: { causeOf: () => undefined, ...contract } as Contract }
}
