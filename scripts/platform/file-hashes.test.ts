import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { faultsOfFolder, sha256Of } from './file-hashes.ts'

describe('The hashes of fetched files', () => {
  const wanted = Buffer.from('the broker')
  const list = `${sha256Of(wanted)}  kafka.jar\n`
  let dir: string

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-hashes-'))
  })
  afterEach(async () => await rm(dir, { recursive: true, force: true }))

  it('are no fault if they are those of the list', async () => {
    await writeFile(path.join(dir, 'kafka.jar'), wanted)
    expect(await faultsOfFolder(dir, list)).to.deep.equal([])
  })

  it('report a file with one different byte', async () => {
    await writeFile(path.join(dir, 'kafka.jar'), 'the brokes')
    const [fault, ...others] = await faultsOfFolder(dir, list)
    expect(fault).to.match(/^kafka\.jar has the hash [0-9a-f]{64}, not /)
    expect(others).to.deep.equal([])
  })

  it('report a missing file, and a file that is not in the list', async () => {
    await writeFile(path.join(dir, 'stranger.jar'), wanted)
    expect(await faultsOfFolder(dir, list)).to.deep.equal([
      'stranger.jar is not in the list',
      'kafka.jar is missing',
    ])
  })

  it('are refused if a line of the list has no hash, or a path', async () => {
    for (const line of ['kafka.jar', `${sha256Of(wanted)}  ../kafka.jar`])
      expect(await faultsOfFolder(dir, line).catch((error) => error.message)).to.include('is not a hash')
  })
})
