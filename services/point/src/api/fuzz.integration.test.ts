import { randomUUID } from 'node:crypto'
import type { FuzzedService } from '@boxoffice/common/testing/fuzz/fuzz-service.ts'
import { fuzzService } from '@boxoffice/common/testing/fuzz/fuzz-service.ts'
import { startTestService, type TestService } from '@boxoffice/common/testing/service.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { entities } from '../storage/entities.ts'
import { CreateWallets } from '../storage/migrations/0001-create-wallets.ts'
import { rights } from '../storage/migrations/rights.ts'
import { pointService } from './point-service.ts'

describe('PointService, whatever it is sent,', () => {
  let service: TestService<typeof PointService.method>
  let fuzzed: FuzzedService
  before(async () => {
    service = await startTestService(
      PointService,
      { entities, migrations: [CreateWallets], rights },
      pointService,
    )
    const requestId = randomUUID()
    await service.as('olga', ['cashier']).chargePoints({ requestId, amount: 5n })
    fuzzed = {
      address: service.address,
      token: await service.token('olga', ['cashier']),
      samples: ['olga', requestId],
      templates: { ChargePoints: { amount: 5n }, ListPointTransactions: {} },
    }
  })
  after(() => service.stop())

  fuzzService(PointService, () => fuzzed)
})
