import { ReplayPartitionSchema } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { Failure } from '../../failure.ts'
import { createOutput } from '../../output.ts'
import { planText } from './replay-text.ts'
import { agreeToWait, waitText } from './wait-behind.ts'

describe('the wait of new messages behind a replay', () => {
  const small = planOf(4_000n, 6_000n)
  const large = planOf(4_000n, 6_001n)

  it('is given in records of all partitions', () => {
    expect(waitText(large)).to.equal('New messages of 2 partitions wait behind 10,001 records.')
    expect(planText(large, createOutput('table'))).to.contain(waitText(large))
    expect(waitText([])).to.equal('')
  })

  it('needs a confirmation if it is long', async () => {
    await agreeToWait(small, () => expect.fail('asked'))
    await agreeToWait(large, async () => true)
    for (const ask of [async () => false, undefined]) {
      const failure = await agreeToWait(large, ask).catch((error: unknown) => error)
      expect(failure).to.be.instanceOf(Failure).and.to.include({ reason: 'REPLAY_LARGE' })
      expect((failure as Failure).next.join()).to.contain('--yes')
    }
  })

  function planOf(...records: readonly bigint[]) {
    return records.map((count, partition) =>
      create(ReplayPartitionSchema, { topic: 'point-events', partition, records: count }),
    )
  }
})
