import { chmod } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { type TemporaryFolder, temporaryFolder } from '../platform/temporary-folder.ts'
import { examineOwner, type LocalPostgres, type Users } from './examine-owner.ts'

const root = 0
const ada = 1000
const eve = 2000
/** The user that PostgreSQL runs as if root starts it. */
const server = 70

describe('The owner of the folder of data, logs and keys', () => {
  let folder: TemporaryFolder

  beforeEach(async () => {
    folder = await temporaryFolder()
  })
  afterEach(() => folder.remove())

  it('is fine if it is the user who starts', async () => {
    for (const postgres of ['plain', 'secure', 'none'] as const)
      expect(await found(postgres, { uid: ada, owners: { '': ada, 'data/postgres': ada } })).to.equal('')
  })

  it('is a problem if it is another user, and a warning for root', async () => {
    expect(await found('none', { uid: ada, owners: { '': eve } })).to.match(
      /^problem The folder .* belongs to user 2000, and this is user 1000\.$/,
    )
    expect(await found('none', { uid: root, owners: { '': eve } })).to.match(
      /^warning The folder .* belongs to user 2000, and this is user 0\.$/,
    )
  })

  it('has to let PostgreSQL enter if root starts it, and only then', async () => {
    const closed = { uid: root, owners: {}, isClosed: true }
    for (const postgres of ['plain', 'secure'] as const)
      expect(await found(postgres, closed)).to.match(/^problem The folder .* is closed to user 70\.$/)
    expect(await found('none', closed)).to.equal('')
    expect(await found('plain', { ...closed, uid: ada })).to.equal('')
  })

  it("has to own PostgreSQL's data of the mode that is started", async () => {
    const problem =
      /^problem PostgreSQL's data in .*\/data\/postgres belongs to user 2000, and .* as user (1000|70) here\.$/
    for (const uid of [ada, root]) {
      const plain = { uid, owners: { 'data/postgres': eve } }
      const secure = { uid, owners: { 'secure/data/postgres': eve } }
      expect(await found('plain', plain)).to.match(problem)
      expect(await found('secure', secure)).to.match(problem)
      for (const [postgres, at] of [
        ['plain', secure],
        ['secure', plain],
        ['none', plain],
        ['none', secure],
      ] as const)
        expect(await found(postgres, at)).to.equal('')
    }
  })

  // Only root may run a command as another user.
  if (process.getuid?.() === root)
    it('is examined as the user that PostgreSQL runs as under root', async () => {
      expect(await examineOwner(folder.dir, 'plain')).to.deep.equal([])
      await chmod(folder.dir, 0o700)
      const findings = await examineOwner(path.join(folder.dir, 'below', 'it'), 'plain')
      expect(findings.map((finding) => finding.found).join('\n')).to.match(/is closed to user \d+\.$/)
      expect(await examineOwner(path.join(folder.dir, 'below', 'it'), 'none')).to.deep.equal([])
    })

  async function found(
    postgres: LocalPostgres,
    system: {
      readonly uid: number
      readonly owners: Readonly<Record<string, number>>
      readonly isClosed?: boolean
    },
  ): Promise<string> {
    const users: Users = {
      uid: system.uid,
      ownerOf: async (at) => system.owners[path.relative(folder.dir, at)],
      postgresUser: async () => ({ uid: server, gid: server }),
      canEnter: async (_dir, user) => system.isClosed !== true && user.uid === server,
    }
    const findings = await examineOwner(folder.dir, postgres, users)
    return findings.map((finding) => `${finding.severity} ${finding.found}`).join('\n')
  }
})
