import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { repositoryDir } from '../platform/paths.ts'
import { type TemporaryFolder, temporaryFolder } from '../platform/temporary-folder.ts'

describe('npm start in a folder that cannot be used', () => {
  let folder: TemporaryFolder

  before(async () => {
    folder = await temporaryFolder()
    await writeFile(path.join(folder.dir, 'file'), '')
    await symlink(path.join(folder.dir, 'nowhere'), path.join(folder.dir, 'link'))
  })
  after(() => folder.remove())

  const dirs = { 'a file': 'file', 'a folder below a file': 'file/below', 'a dangling link': 'link' }
  for (const [what, name] of Object.entries(dirs)) {
    it(`ends with a sentence and no stack: ${what}`, async () => refused(path.join(folder.dir, name)))
  }

  // Other systems have no such folder.
  if (process.platform === 'linux')
    it('ends with a sentence, without an endless loop, where nothing can be created', () =>
      refused('/proc/nothing/below'))

  async function refused(dir: string): Promise<void> {
    const child = spawn(process.execPath, ['scripts/start.ts'], {
      cwd: repositoryDir,
      env: { ...process.env, BOXOFFICE_DIR: dir },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let output = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    await once(child, 'close', { signal: AbortSignal.timeout(20_000) }).finally(() => child.kill('SIGKILL'))
    expect(child.exitCode).to.equal(1)
    expect(output.trim()).to.match(/ or set BOXOFFICE_DIR to another folder\.$/)
    expect(output).not.to.match(/^\s+at /m)
  }
})
