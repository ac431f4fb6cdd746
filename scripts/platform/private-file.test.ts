import { existsSync } from 'node:fs'
import { chmod, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { isOpenToOthers, withPrivateFile } from './private-file.ts'

describe('a private file', () => {
  it('is readable only for its owner, as its folder is, and is removed afterwards', async () => {
    const before = process.umask(0)
    try {
      const used = await withPrivateFile('a secret', async (file) => {
        expect(await readFile(file, 'utf8')).to.equal('a secret')
        const modes = await Promise.all(
          [file, path.dirname(file)].map(async (entry) => (await stat(entry)).mode & 0o777),
        )
        expect(modes).to.deep.equal([0o600, 0o700])
        expect(await isOpenToOthers(file)).to.equal(false)
        await chmod(file, 0o440)
        expect(await isOpenToOthers(file)).to.equal(false)
        await chmod(file, 0o644)
        expect(await isOpenToOthers(file)).to.equal(true)
        return file
      })
      expect(existsSync(path.dirname(used))).to.equal(false)
    } finally {
      process.umask(before)
    }
  })

  it('is removed when its use fails', async () => {
    let used = ''
    const failed = await withPrivateFile('a secret', async (file) => {
      used = file
      throw new Error('it failed')
    }).catch(String)
    expect([failed, existsSync(used)]).to.deep.equal(['Error: it failed', false])
  })
})
