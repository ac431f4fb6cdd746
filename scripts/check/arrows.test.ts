import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { repositoryDir } from '../platform/paths.ts'

/** The forbidden imports, one per rule and way around it: rule, importing file, code. */
const forbidden: readonly (readonly [rule: string, from: string, code: string])[] = [
  ['no-cycles', 'services/point/src/storage/chicken.ts', "import './egg.ts'"],
  ['no-orphans', 'services/point/src/storage/forgotten.ts', 'export const a = 1'],
  ['resolvable', 'services/point/src/storage/typo.ts', "import './not-there.ts'"],
  ['declared-dependencies', 'services/outbox-relay/src/borrow.ts', "import 'commander'"],
  ['domain-is-pure', 'services/point/src/domain/save.ts', "import '../storage/rows.ts'"],
  ['domain-is-pure', 'services/point/src/domain/id.ts', "import { randomUUID } from 'node:crypto'"],
  [
    'domain-is-pure',
    'services/point/src/domain/shape.ts',
    "import type { A } from '@boxoffice/proto/boxoffice/point/v1/a_pb.ts'\nexport type B = A",
  ],
  ['domain-tests-are-pure', 'services/point/src/domain/save.test.ts', "import '../storage/rows.ts'"],
  ['edges-are-wired-by-main', 'services/point/src/messages/forward.ts', "import '../api/charge.ts'"],
  ['edges-are-wired-by-main', 'services/point/src/storage/call.ts', "import '../api/charge.ts'"],
  ['edges-are-not-for-others', 'services/point/src/config.ts', "import './api/charge.ts'"],
  ['edges-are-not-for-others', 'scripts/shortcut.ts', "import '@boxoffice/point/api/charge.ts'"],
  ['contract-translates', 'services/point/src/contract/load.ts', "import '../storage/rows.ts'"],
  ['storage-is-below', 'services/point/src/storage/settings.ts', "import '../settings.ts'"],
  ['services-are-apart', 'services/payment/src/storage/peek.ts', "import '@boxoffice/point/storage/rows.ts'"],
  [
    'services-are-apart',
    'services/payment/src/storage/peek-type.ts',
    "import type { Row } from '../../../point/src/storage/rows.ts'\nexport type Mine = Row",
  ],
  [
    'services-stand-alone',
    'services/point/src/storage/script.ts',
    "import '../../../../scripts/shortcut.ts'",
  ],
  ['services-stand-alone', 'services/point/src/domain/charge.ts', "import './testing/states.ts'"],
  [
    'common-knows-no-business',
    'services/common/src/doctor/special.ts',
    "import '@boxoffice/proto/boxoffice/point/v1/a_pb.ts'",
  ],
  ['common-is-below', 'services/common/src/doctor/reach.ts', "import '@boxoffice/point/storage/rows.ts'"],
  ['rooms-are-ordered', 'services/common/src/attic/store.ts', "import '../kafka/client.ts'"],
  ['arrows-go-down', 'services/common/src/kafka/move-in.ts', "import '../attic/store.ts'"],
  ['arrows-go-down', 'services/common/src/lifecycle/wire.ts', "import '../kafka/client.ts'"],
  [
    'arrows-go-down',
    'services/common/src/kafka/peek-up.ts',
    "import type { A } from '../service/roof.ts'\nexport type B = A",
  ],
  // The rules for services also apply to a service that no list names.
  ['domain-is-pure', 'services/coupon/src/domain/id.ts', "import { randomUUID } from 'node:crypto'"],
  [
    'libraries-have-doors',
    'services/payment/src/use-cases/open.ts',
    "import '../../../common/saga/inside.ts'",
  ],
  ['libraries-use-doors', 'services/common/src/doctor/inside.ts', "import '../../saga/inside.ts'"],
  ['saga-stands-alone', 'services/common/saga/inside.ts', "import { randomUUID } from 'node:crypto'"],
  ['saga-stands-alone', 'services/common/saga/borrow.ts', "import '@boxoffice/common/postgres/query.ts'"],
  [
    'relay-knows-no-contract',
    'services/outbox-relay/src/decode.ts',
    "import '@boxoffice/proto/boxoffice/admin/v1/b_pb.ts'",
  ],
  ['kafka-stands-alone', 'services/common/kafka/write.ts', "import '@boxoffice/common/telemetry/log.ts'"],
  [
    'kafkajs-in-one-place',
    'services/common/src/doctor/send.ts',
    "import type { Kafka } from 'kafkajs'\nexport type K = Kafka",
  ],
  ['arrows-go-down', 'services/common/messaging/outbox/look-up.ts', "import '../restore/look-down.ts'"],
  ['libraries-use-doors', 'services/common/src/doctor/peer.ts', "import '../../messaging/outbox/look-up.ts'"],
  ['messaging-stands-alone', 'services/common/messaging/sql/borrow.ts', "import { expect } from 'chai'"],
  [
    'messaging-knows-no-adapter',
    'services/common/messaging/restore/orm.ts',
    "import type { EntityManager } from '@mikro-orm/core'\nexport type Em = EntityManager",
  ],
  ['pacing-stands-alone', 'services/common/pacing/log.ts', "import '@boxoffice/kafka'"],
  ['page-is-apart', 'services/console/web/src/peek.ts', "import '../../../point/src/storage/rows.ts'"],
  ['page-is-built', 'services/point/src/storage/page.ts', "import '../../../console/web/src/page.ts'"],
  ['orm-in-storage', 'services/point/src/api/entity.ts', "import { defineEntity } from '@mikro-orm/core'"],
  ['orm-in-storage', 'services/coupon/src/api/entity.ts', "import { defineEntity } from '@mikro-orm/core'"],
  [
    'no-orm-at-the-edges',
    'services/point/src/messages/transaction.ts',
    "import type { EntityManager } from '@mikro-orm/core'\nexport type Em = EntityManager",
  ],
  [
    'sql-in-storage',
    'services/coupon/src/use-cases/select.ts',
    "import '@boxoffice/common/postgres/query.ts'",
  ],
  ['edges-call-use-cases', 'services/coupon/src/api/claim.ts', "import '../storage/claims.ts'"],
  [
    'edges-call-use-cases',
    'services/coupon/src/messages/claims.ts',
    "import type { Row } from '../storage/claims.ts'\nexport type Mine = Row",
  ],
  [
    'use-cases-stand-on-rules-and-tables',
    'services/coupon/src/use-cases/notify.ts',
    "import '../watch/feed.ts'",
  ],
  [
    'restore-stands-on-rules-and-tables',
    'services/coupon/src/restore/restore-handler.ts',
    "import '../use-cases/claim-coupon.ts'",
  ],
]

/** Imports that look similar and are allowed. */
const allowed: readonly (readonly [from: string, code: string])[] = [
  ['services/point/src/storage/egg.ts', "import './chicken.ts'"],
  [
    'services/point/src/storage/rows.ts',
    "import { defineEntity } from '@mikro-orm/core'\nexport type Row = 1",
  ],
  ['services/point/src/settings.ts', "import 'node:os'"],
  ['services/point/src/main.ts', "import './api/charge.ts'\nimport '@boxoffice/common/kafka/client.ts'"],
  [
    'services/point/src/api/charge.ts',
    "import './balance.ts'\nimport '../domain/rule.ts'\nimport '../use-cases/charge-wallet.ts'",
  ],
  [
    'services/point/src/use-cases/charge-wallet.ts',
    "import '../storage/rows.ts'\nimport type { EntityManager } from '@mikro-orm/core'\nexport type Em = EntityManager",
  ],
  ['services/point/src/api/balance.ts', "import '@boxoffice/proto/boxoffice/point/v1/a_pb.ts'"],
  ['services/point/src/api/charge.test.ts', "import './charge.ts'\nimport { expect } from 'chai'"],
  ['services/point/src/domain/rule.ts', "import './other-rule.ts'"],
  ['services/point/src/contract/to-event.ts', "import '../domain/rule.ts'"],
  ['services/point/src/storage/append.ts', "import '../contract/to-event.ts'"],
  ['services/point/src/testing/start-point.ts', "import '../api/charge.ts'"],
  ['services/point/src/domain/other-rule.ts', 'export const b = 1'],
  ['services/point/src/domain/rule.test.ts', "import { expect } from 'chai'\nimport './rule.ts'"],
  ['services/point/src/domain/testing/states.ts', "import '../other-rule.ts'"],
  ['services/common/src/kafka/client.ts', "import '@boxoffice/kafka'"],
  ['services/common/kafka/index.ts', "import './produce.ts'"],
  ['services/common/kafka/produce.ts', "import 'kafkajs'"],
  ['services/common/src/service/roof.ts', "import '../kafka/client.ts'\nexport type A = 1"],
  ['services/common/src/telemetry/log.ts', 'export const d = 1'],
  ['services/common/src/kafka/client.test.ts', "import '../service/roof.ts'"],
  ['services/common/src/testing/fixture.ts', "import '../service/roof.ts'"],
  ['services/common/saga/index.ts', "import './advance.ts'"],
  ['services/common/saga/advance.ts', 'export const f = 1'],
  ['services/payment/src/use-cases/advance.ts', "import '@boxoffice/saga'"],
  [
    'services/common/messaging/restore/look-down.ts',
    "import '../outbox/append.ts'\nimport '@boxoffice/kafka'",
  ],
  ['services/common/messaging/outbox/append.ts', "import '@boxoffice/pacing'"],
  ['services/common/messaging/operations.ts', "import './restore/look-down.ts'"],
  ['services/common/messaging/records.ts', "import './outbox/append.ts'"],
  ['services/common/messaging/index.ts', "import './outbox/append.ts'"],
  ['services/common/messaging/index.test.ts', "import '../src/testing/fixture.ts'\nimport './index.ts'"],
  ['services/common/pacing/index.ts', 'export const g = 1'],
  [
    'services/common/src/telemetry/trace.ts',
    "import '@boxoffice/messaging'\nimport '@boxoffice/messaging/operations'",
  ],
  ['services/console/web/src/page.ts', 'export const c = 1'],
  [
    'services/coupon/src/storage/claims.ts',
    "import '@boxoffice/common/postgres/query.ts'\nexport type Row = 1",
  ],
  ['services/coupon/src/watch/feed.ts', 'export const d = 1'],
  ['services/coupon/src/api/get-claim.ts', "import '../use-cases/claim-coupon.ts'"],
  ['services/coupon/src/use-cases/claim-coupon.ts', "import '../storage/claims.ts'"],
  ['services/common/src/postgres/query.ts', 'export const e = 1'],
  ['test/buys.test.ts', "import '@boxoffice/point/api/charge.ts'"],
]

const contracts = ['proto/gen/boxoffice/point/v1/a_pb.ts', 'proto/gen/boxoffice/admin/v1/b_pb.ts']

interface Violation {
  readonly rule: { readonly name: string }
  readonly from: string
}

describe('The arrows between the rooms', function () {
  this.timeout(30_000)
  let violations: readonly Violation[]
  let dir: string

  before(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-arrows-'))
    await layOut(dir)
    violations = await cruise(dir)
  })

  after(() => rm(dir, { recursive: true, force: true }))

  for (const [rule, from, code] of forbidden) {
    it(`forbid by ${rule} that ${from} says: ${code.split('\n')[0]}`, () => {
      expect(
        violations.filter((violation) => violation.from === from).map(({ rule: { name } }) => name),
      ).to.include(rule)
    })
  }

  for (const [from, code] of allowed.slice(1)) {
    it(`allow that ${from} says: ${code.replaceAll('\n', '; ')}`, () => {
      expect(violations.filter((violation) => violation.from === from)).to.deep.equal([])
    })
  }

  it('have a test for every rule', async () => {
    const { forbidden: rules } = (await import(path.join(repositoryDir, '.dependency-cruiser.cjs'))).default
    const tested = new Set(forbidden.map(([rule]) => rule))
    expect(
      rules.map(({ name }: { name: string }) => name).filter((name: string) => !tested.has(name)),
    ).to.deep.equal([])
  })
})

/** Creates a repository with the same layout: its workspaces are linked, and its packages come from ours. */
async function layOut(root: string): Promise<void> {
  const files = [...forbidden.map(([, from, code]) => [from, code] as const), ...allowed]
  for (const [name, code] of files) await put(root, name, `${code}\n`)
  for (const name of contracts) await put(root, name, 'export type A = 1\n')
  const workspaces = [
    'proto',
    ...[
      'common',
      'common/saga',
      'common/kafka',
      'common/messaging',
      'common/pacing',
      'point',
      'payment',
      'outbox-relay',
    ].map((name) => `services/${name}`),
  ]
  await mkdir(path.join(root, 'node_modules/@boxoffice'), { recursive: true })
  for (const workspace of workspaces) {
    const manifest = await readFile(path.join(repositoryDir, workspace, 'package.json'), 'utf8')
    await put(root, `${workspace}/package.json`, manifest)
    await symlink(path.join(root, workspace), path.join(root, 'node_modules', JSON.parse(manifest).name))
  }
  for (const name of ['kafkajs', 'chai', 'commander', '@mikro-orm']) {
    await symlink(path.join(repositoryDir, 'node_modules', name), path.join(root, 'node_modules', name))
  }
  await put(root, 'package.json', '{ "type": "module" }')
}

async function put(root: string, name: string, content: string): Promise<void> {
  await mkdir(path.dirname(path.join(root, name)), { recursive: true })
  await writeFile(path.join(root, name), content)
}

async function cruise(cwd: string): Promise<readonly Violation[]> {
  const program = path.join(repositoryDir, 'node_modules/.bin/depcruise')
  const config = path.join(repositoryDir, '.dependency-cruiser.cjs')
  const args = [program, '--config', config, '--output-type', 'json', 'services', 'scripts', 'test']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, maxBuffer: 50_000_000 })
  return JSON.parse(stdout).summary.violations
}
