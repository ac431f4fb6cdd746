import { ListConsumersResponseSchema } from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { DeadLetterHeaderSchema } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import { StartReplayRequestSchema } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { PointTransactionSchema } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { HoldSeatsRequestSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { expect } from 'chai'
import { contractServices } from '../testing/contract-services.ts'
import { checkElements, type ElementBounds } from './element-bounds.ts'
import { requestBoundsOf } from './request-bounds.ts'

describe('the bounds of a request', () => {
  it('can be derived from the contract of every method of every service', async () => {
    const methods = (await contractServices()).flatMap((service) => service.methods)
    expect(methods).to.have.lengthOf.at.least(20)
    for (const { input } of methods) expect(requestBoundsOf(input).bytesMax).to.be.within(256, 400_000)
  })

  it('are the sum of the largest fields, and some room', () => {
    // Two ids of 36 bytes and 50 names of 16, each after two bytes.
    expect(requestBoundsOf(HoldSeatsRequestSchema).bytesMax).to.equal(2 * 38 + 50 * 18 + 256)
  })

  it('cannot be derived if a field has no bound, and the error names the field', () => {
    const unbounded = { ListConsumersResponseSchema, DeadLetterHeaderSchema, PointTransactionSchema }
    const fields = [
      'ListConsumersResponse.consumers',
      'DeadLetterHeader.name',
      'PointTransaction.transaction_id',
    ]
    for (const [nth, schema] of Object.values(unbounded).entries()) {
      expect(() => requestBoundsOf(schema)).to.throw(`${fields[nth]} has no bound`)
    }
  })

  it('cannot be derived if a message contains itself', () => {
    expect(() => requestBoundsOf(FileDescriptorSetSchema)).to.throw(TypeError)
  })
})

describe('the elements of a request', () => {
  const offset = new BinaryWriter().tag(1, 2).string('topic').finish()
  const offsets = (count: number): Uint8Array => {
    const writer = new BinaryWriter()
    for (let nth = 0; nth < count; nth += 1) writer.tag(1, 2).bytes(offset)
    return writer.finish()
  }
  const inRange = (...parts: Uint8Array[]): Uint8Array => {
    const writer = new BinaryWriter()
    for (const part of parts) writer.tag(2, 2).bytes(new BinaryWriter().tag(5, 2).bytes(part).finish())
    return writer.finish()
  }
  const bounds = requestBoundsOf(StartReplayRequestSchema).elements as ElementBounds
  const tooMany = 'range.offsets.offsets: must contain no more than 1000 item(s)'

  it('are counted at any depth', () => {
    checkElements(inRange(offsets(1_000)), bounds)
    expect(() => checkElements(inRange(offsets(1_001)), bounds)).to.throw(tooMany)
  })

  it('are counted together if a message comes in parts', () => {
    checkElements(inRange(offsets(500), offsets(500)), bounds)
    expect(() => checkElements(inRange(offsets(500), offsets(501)), bounds)).to.throw(tooMany)
  })

  it('are counted also if numbers come packed', () => {
    const packed: ElementBounds = new Map([
      [1, { name: 'numbers', itemsMax: 3, isPackable: true, nested: undefined }],
    ])
    const numbers = (count: number) =>
      new BinaryWriter()
        .tag(1, 2)
        .bytes(new Uint8Array(count * 2).fill(0x80).map((byte, nth) => (nth % 2 ? 1 : byte)))
        .finish()
    checkElements(numbers(3), packed)
    expect(() => checkElements(numbers(4), packed)).to.throw('no more than 3')
  })
})
