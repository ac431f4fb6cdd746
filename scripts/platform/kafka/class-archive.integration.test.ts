import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { classArchiveFlags } from './class-archive.ts'
import { fetchKafka } from './fetch.ts'

describe('The archive of the classes of a broker', function () {
  this.timeout(60_000)

  it('is created once, and the JVM of a broker can use it', async () => {
    const jarsDir = await fetchKafka()
    const flags = await classArchiveFlags(jarsDir)
    expect(flags).to.have.length(1)
    const archive = String(flags[0]?.split('=')[1])
    const { mtimeMs } = await stat(archive)
    expect(await classArchiveFlags(jarsDir)).to.deep.equal(flags)
    expect((await stat(archive)).mtimeMs).to.equal(mtimeMs)

    // With -Xshare:on a JVM does not start without its archive.
    const jvm = ['-XX:+UseSerialGC', '-Xshare:on', ...flags, '-cp', path.join(jarsDir, '*')]
    const { stdout } = await promisify(execFile)('java', [...jvm, 'kafka.tools.StorageTool', 'random-uuid'])
    expect(stdout.trim()).to.have.length(22)
  })
})
