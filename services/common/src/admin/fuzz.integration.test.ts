import { randomUUID } from 'node:crypto'
import { ConsumerService } from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { ReplayService } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { type ConsumerFixture, createConsumerFixture } from '../testing/consumer-fixture.ts'
import { createDeadLetterFixture, type DeadLetterFixture } from '../testing/dead-letter-fixture.ts'
import { type FuzzedService, fuzzService } from '../testing/fuzz/fuzz-service.ts'

describe("the operators' services, whatever they are sent,", () => {
  let fixture: ConsumerFixture
  let wallet: DeadLetterFixture
  let fuzzed: FuzzedService
  before(async () => {
    fixture = await createConsumerFixture()
    wallet = await createDeadLetterFixture(fixture)
    wallet.broken = new Set([1n])
    await wallet.send('ada', 1n, 2n, 3n)
    await wallet.putAside(3)
    const letters = await wallet.list()
    fuzzed = {
      address: wallet.api.address,
      token: await wallet.api.token('olga', ['operator']),
      samples: [
        'olga',
        'wallet',
        wallet.topic,
        'ada',
        randomUUID(),
        ...letters.map((one) => one.deadLetterId),
      ],
    }
  })
  after(async () => {
    await wallet.end()
    await fixture.dispose()
  })

  for (const service of [ConsumerService, DeadLetterService, ReplayService])
    describe(service.typeName, () => fuzzService(service, () => fuzzed))
})
