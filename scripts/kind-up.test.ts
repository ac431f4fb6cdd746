import { chmod, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { runCommand } from './command.ts'
import { repositoryDir } from './platform/paths.ts'
import { type TemporaryFolder, temporaryFolder } from './platform/temporary-folder.ts'

describe('kind-up', () => {
  let folder: TemporaryFolder

  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder.remove())

  for (const [what, clusters] of [
    ['exists already', 'another boxoffice'],
    ['is created', 'another'],
  ] as const) {
    it(`acts on its own cluster and leaves kubectl there, if the cluster ${what}`, async () => {
      const calls = await callsOfKindUp(clusters)
      const created = calls.filter((call) => call.startsWith('kind create cluster'))
      expect(created).to.have.length(clusters === 'another' ? 1 : 0)
      const kubectl = calls.filter((call) => call.startsWith('kubectl'))
      expect(kubectl.pop()).to.equal('kubectl config use-context kind-boxoffice')
      expect(kubectl).not.to.be.empty
      for (const call of kubectl) expect(call).to.contain(' --context kind-boxoffice ')
    })
  }

  /**
   * The tool calls of the script, made with tools that only record them: everything that they are asked for exists,
   * except a key.
   */
  async function callsOfKindUp(clusters: string): Promise<string[]> {
    const log = path.join(folder.dir, 'calls')
    await writeFile(log, '')
    const tool = `#!/bin/sh
echo "$(basename "$0") $*" >> '${log}'
[ "$*" != 'get clusters' ] || printf '%s\\n' ${clusters}
case "$*" in *'get secret boxoffice-token-key') exit 1 ;; *'--filename -') cat > /dev/null ;; *ports*) echo 6443 ;; *endpointslices*) echo 172.18.0.4 ;; *'service kubernetes'*) echo 10.96.0.1 ;; esac
`
    for (const name of ['kind', 'kubectl', 'helm', 'skaffold', 'docker']) {
      const file = path.join(folder.dir, name)
      await writeFile(file, tool)
      await chmod(file, 0o755)
    }
    const env = { ...process.env, PATH: `${folder.dir}:${process.env.PATH}` }
    const { exitCode, output } = await runCommand(path.join(repositoryDir, 'scripts/kind-up'), [], { env })
    expect(exitCode, output).to.equal(0)
    return (await readFile(log, 'utf8')).trimEnd().split('\n')
  }
})
