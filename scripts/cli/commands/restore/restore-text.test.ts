import { RestorePhase, RestoreSchema } from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { createOutput } from '../../output.ts'
import { receiptText } from './restore-text.ts'

describe('the receipt of a restore', () => {
  const textOf = (recordsGone: bigint) =>
    receiptText(create(RestoreSchema, { phase: RestorePhase.DONE, recordsGone }), createOutput('table'))

  it('shows how many records may be missing, if any', () => {
    expect(textOf(1_200n)).to.contain('up to 1,200 have left retention')
    expect(textOf(0n)).to.not.contain('gone')
  })
})
