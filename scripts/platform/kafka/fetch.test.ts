import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { fetchKafka } from './fetch.ts'

describe('Fetching Kafka', () => {
  let dir: string

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-fetch-'))
  })
  afterEach(async () => await rm(dir, { recursive: true, force: true }))

  it('keeps no jar if the repository answers with other jars than jars.sha256 names', async () => {
    const maven = path.join(dir, 'mvn')
    const script = `#!/bin/sh
for argument; do case $argument in -DoutputDirectory=*) jars=\${argument#*=};; esac; done
mkdir -p "$jars" && echo forged > "$jars/kafka_2.13-4.3.0.jar"
`
    await writeFile(maven, script, { mode: 0o700 })
    const jarsDir = path.join(dir, 'cache', 'kafka')
    const refusal = await fetchKafka({ maven, jarsDir }).then(
      () => 'the forged jar was kept',
      (error: Error) => error.message,
    )
    expect(refusal).to.match(/kafka_2\.13-4\.3\.0\.jar has the hash [0-9a-f]{64}, not /)
    expect(existsSync(jarsDir)).to.equal(false)
    expect(await readdir(path.dirname(jarsDir))).to.deep.equal([])
  })
})
