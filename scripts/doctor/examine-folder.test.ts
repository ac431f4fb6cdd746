import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { problemsOf, textOf } from '@boxoffice/common/doctor/finding.ts'
import { expect } from 'chai'
import { type TemporaryFolder, temporaryFolder } from '../platform/temporary-folder.ts'
import { examineFolder } from './examine-folder.ts'

describe('The folder of data, logs and keys', () => {
  let folder: TemporaryFolder
  const at = (...names: string[]): string => path.join(folder.dir, ...names)

  beforeEach(async () => {
    folder = await temporaryFolder()
  })
  afterEach(() => folder.remove())

  it('is fine if it is writable or can be created, even with spaces, and nothing is left behind', async () => {
    for (const dir of [folder.dir, at('not', 'there yet'), at('größer als')]) {
      expect(problemsOf(await examineFolder(dir, 'plain')).map(textOf), dir).to.deep.equal([])
    }
    expect(await readdir(folder.dir)).to.deep.equal([])
  })

  it('is refused if it is a file, is below one, or has a file in place of a part', async () => {
    await writeFile(at('file'), '')
    await mkdir(at('whole'))
    await writeFile(at('whole', 'logs'), '')
    expect(await problemsIn(at('file'))).to.match(/file cannot be used: it is a file/)
    expect(await problemsIn(at('file', 'below'))).to.match(
      /below cannot be used: it is a file and no folder, or below/,
    )
    expect(await problemsIn(at('whole'))).to.match(/whole\/logs cannot be used: it is a file/)
  })

  it('is refused if it is a symbolic link to nothing, or in a circle', async () => {
    await symlink(at('nowhere'), at('link'))
    await symlink(at('circle'), at('circle'))
    expect(await problemsIn(at('link'))).to.include(
      `is a symbolic link to ${at('nowhere')}, which is not there`,
    )
    expect(await problemsIn(at('circle'))).to.match(/lead in a circle \(ELOOP\)/)
    await symlink(folder.dir, at('fine'))
    expect(await problemsIn(at('fine'))).to.equal('')
  })

  // Other systems have no such folders.
  if (process.platform === 'linux')
    it('is refused where nothing can be created, without an endless loop', async () => {
      for (const dir of ['/proc/nothing/below', '/proc/self/nothing', '/sys/nothing']) {
        expect(await problemsIn(dir)).to.match(
          /cannot be used: .+\. .* or set BOXOFFICE_DIR to another folder\.$/,
        )
      }
    })

  it('is refused if it has a comma, which Kafka reads as the end of a path', async () => {
    expect(await problemsIn(at('a,b'))).to.include('has a comma')
  })

  async function problemsIn(dir: string): Promise<string> {
    return problemsOf(await examineFolder(dir, 'plain'))
      .map(textOf)
      .join('\n')
  }
})
