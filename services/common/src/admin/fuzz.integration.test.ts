import { randomUUID } from 'node:crypto'
import { ConsumerService } from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { ReplayService } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { RestoreService } from '@boxoffice/proto/boxoffice/admin/v1/restore_service_pb.ts'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { type ConsumerFixture, createConsumerFixture, recordingHandler } from '../testing/consumer-fixture.ts'
import { createDeadLetterFixture, type DeadLetterFixture } from '../testing/dead-letter-fixture.ts'
import { type FuzzedService, fuzzService } from '../testing/fuzz/fuzz-service.ts'
import { createIdleRestorer, type IdleRestorer } from '../testing/idle-restorer.ts'
import { type OperatorApi, startOperatorApi } from '../testing/operator-api.ts'

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

describe('the restore of a database, whatever is asked for,', () => {
  let fixture: ConsumerFixture
  let restorer: IdleRestorer
  let api: OperatorApi
  let fuzzed: FuzzedService
  before(async () => {
    fixture = await createConsumerFixture()
    restorer = await createIdleRestorer(fixture, await fixture.topic())
    api = await startOperatorApi(fixture, 'wallet', recordingHandler([]), restorer)
    const from = timestampFromDate(new Date())
    const known = { requestId: randomUUID(), from }
    const { restore } = await api.startRestore(known)
    fuzzed = {
      address: api.address,
      token: await api.token('olga', ['operator']),
      samples: ['olga', known.requestId, restore?.restoreId ?? ''],
      templates: { StartRestore: known },
    }
  })
  // Of each kind of request some come while a restore is under way, and some do not.
  beforeEach(() => restorer.release())
  after(async () => {
    await restorer.release()
    await api.stop()
    await restorer.stop()
    await fixture.dispose()
  })

  fuzzService(RestoreService, () => fuzzed)
})
