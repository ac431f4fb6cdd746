import { cp } from 'node:fs/promises'
import path from 'node:path'
import { withOptions } from '@boxoffice/common/testing/with-options.ts'
import { createOutboxDatabase, type OutboxDatabase } from '@boxoffice/outbox-relay/testing/outbox-database.ts'
import { createTestTopic, type TestTopic } from '@boxoffice/outbox-relay/testing/topic.ts'
import { expect } from 'chai'
import { runCommand } from '../../scripts/command.ts'
import type { TemporaryFolder } from '../../scripts/platform/temporary-folder.ts'
import { compileStrictly } from './compile-strictly.ts'
import { createDeadLetterTopic } from './create-dead-letter-topic.ts'
import { installPackages } from './install-packages.ts'

const userPackages = ['pg@8.23.0', '@types/pg@8.23.1', '@types/node@24.10.1', '@bufbuild/protobuf@2.17.0']

describe('the package of the protobuf codec, in a folder of its own', function () {
  this.timeout(120_000)
  let folder: TemporaryFolder
  let post: OutboxDatabase
  let parcels: TestTopic

  before(async () => {
    folder = await installPackages(['kafka', 'pacing', 'messaging', 'messaging-protobuf'], userPackages)
    post = await createOutboxDatabase(undefined, [])
    parcels = await createTestTopic()
    await createDeadLetterTopic(parcels.name)
    await cp(path.join(import.meta.dirname, 'example', 'parcels.ts'), path.join(folder.dir, 'parcels.ts'))
  })
  after(async () => {
    await Promise.all([post.drop(), parcels.close()])
    await folder.remove()
  })

  it("sends and receives messages of a user's own schema, in code that compiles strictly", async () => {
    await compileStrictly(folder.dir, 'parcels.ts', ['--skipLibCheck'])
    const { exitCode, output } = await runCommand(process.execPath, ['parcels.js'], {
      cwd: folder.dir,
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: withOptions(post.url),
        KAFKA_BROKERS: process.env.TEST_KAFKA_BROKERS,
        PARCELS: parcels.name,
      },
    })
    expect(exitCode, output).to.equal(0)
    expect(JSON.parse(output)).to.deep.equal({
      delivered: [
        { parcel: '1', customer: 'ann' },
        { parcel: '2', customer: 'ann' },
      ],
      poison: [{ reason: 'UNDECODABLE' }],
    })
  })

  it('needs nothing of Boxoffice but messaging', async () => {
    const { output } = await runCommand('npm', ['ls', '--all', '--parseable'], { cwd: folder.dir })
    const ours = output.split('\n').flatMap((line) => line.match(/@boxoffice\/[\w-]+$/)?.[0] ?? [])
    expect(ours).to.have.members(
      ['kafka', 'messaging', 'messaging-protobuf', 'pacing'].map((name) => `@boxoffice/${name}`),
    )
  })
})
