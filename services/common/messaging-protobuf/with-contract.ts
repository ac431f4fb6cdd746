import type { DescMessage, MessageShape } from '@bufbuild/protobuf'
import type { Contract } from './contract-of.ts'

/** A schema with a contract that its options do not have. */
export interface ContractedSchema<Desc extends DescMessage = DescMessage> {
  readonly schema: Desc
  readonly contract: Contract
}

/** The contract of a schema without options. */
export interface GivenContract<Desc extends DescMessage> {
  readonly topic: string
  /** The service that owns the type; only it may send it: `ce_source`. */
  readonly source: string
  /** The ordering key of the record. */
  keyOf(body: MessageShape<Desc>): string
  /** `ce_subject`: what the message is about. */
  subjectOf(body: MessageShape<Desc>): string
  /** The text from which the id is derived, if the body has it; otherwise each message gives its `cause`. */
  causeOf?(body: MessageShape<Desc>, causationId: string | undefined): string | undefined
}

/**
 * Gives a schema the contract that its options do not have: for schemas of other owners, or made at run time.
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
