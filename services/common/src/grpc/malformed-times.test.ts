import { StartReplayRequestSchema } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { TimestampSchema } from '@bufbuild/protobuf/wkt'
import { expect } from 'chai'
import { malformedTimes } from './malformed-times.ts'

describe('a time in a request', () => {
  it('is reported if its nanoseconds are out of range, also inside a oneof', () => {
    for (const nanos of [-1, 1_000_000_000, 2 ** 31 - 1, -(2 ** 31)])
      expect(fieldsOf(nanos), String(nanos)).to.deep.equal(['range.time'])
    for (const nanos of [0, 1, 999_999_999]) expect(fieldsOf(nanos), String(nanos)).to.deep.equal([])
  })

  it('is not reported if the oneof has another case, or none', () => {
    const range: Range = { consumer: 'x', from: { case: 'earliest', value: true } }
    expect(
      malformedTimes(create(StartReplayRequestSchema, { range }), StartReplayRequestSchema),
    ).to.deep.equal([])
    expect(malformedTimes(create(StartReplayRequestSchema), StartReplayRequestSchema)).to.deep.equal([])
  })

  function fieldsOf(nanos: number): string[] {
    const value = create(TimestampSchema, { seconds: 5n, nanos })
    const range: Range = { consumer: 'x', from: { case: 'time', value } }
    const request = create(StartReplayRequestSchema, { range })
    return malformedTimes(request, StartReplayRequestSchema).map(({ field }) => field)
  }
})

type Range = NonNullable<MessageInitShape<typeof StartReplayRequestSchema>['range']>
