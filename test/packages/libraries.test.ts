import { cp } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { runCommand } from '../../scripts/command.ts'
import { repositoryDir } from '../../scripts/platform/paths.ts'
import type { TemporaryFolder } from '../../scripts/platform/temporary-folder.ts'
import { compileStrictly } from './compile-strictly.ts'
import { installPackages } from './install-packages.ts'

describe('the packages of the libraries, in a folder of its own', function () {
  this.timeout(120_000)
  let folder: TemporaryFolder

  before(async () => {
    folder = await installPackages(['saga', 'kafka'])
    await cp(path.join(import.meta.dirname, 'example', 'loans.ts'), path.join(folder.dir, 'loans.ts'))
  })
  after(() => folder.remove())

  it("have types that compile strictly in a user's project, and JavaScript that runs without a loader", async () => {
    await compileStrictly(folder.dir, 'loans.ts', [
      '--typeRoots',
      path.join(repositoryDir, 'node_modules', '@types'),
    ])
    const { exitCode, output } = await runCommand(process.execPath, ['loans.js'], {
      cwd: folder.dir,
      env: { PATH: process.env.PATH, KAFKA_BROKERS: process.env.TEST_KAFKA_BROKERS },
    })
    expect(exitCode, output).to.equal(0)
    expect(JSON.parse(output)).to.deep.equal({
      published: 2,
      read: ['please bring it back', 'thanks'],
      notified: ['RETURNED'],
    })
  })

  it('install at most twelve packages', async () => {
    const { output } = await runCommand('npm', ['ls', '--all', '--parseable'], { cwd: folder.dir })
    const installed = output.split('\n').filter((line) => line.includes('node_modules'))
    expect(installed.length, output).to.be.within(5, 12)
  })
})
