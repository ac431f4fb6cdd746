import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { stringify } from 'yaml'
import { repositoryDir } from '../../scripts/platform/paths.ts'
import { chartValues, resourcesOf } from './charts.ts'
import { needs, outputOf } from './tool.ts'

describe('skaffold.yaml', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a configuration of skaffold's
  let modules: any[]

  before(async () => {
    modules = resourcesOf(await readFile(path.join(repositoryDir, 'skaffold.yaml'), 'utf8'))
  })

  const releases = () => modules.flatMap(({ deploy }) => deploy.helm?.releases ?? [])

  it('names existing files', () => {
    const files = modules.flatMap(({ manifests, build, verify, profiles }) => [
      ...(manifests?.kustomize.paths ?? []),
      ...(build?.artifacts ?? []).map(({ docker }: { docker: { dockerfile: string } }) => docker.dockerfile),
      ...(verify ?? []).map(
        ({ executionMode }: { executionMode: { kubernetesCluster: { jobManifestPath: string } } }) =>
          executionMode.kubernetesCluster.jobManifestPath,
      ),
      ...(profiles ?? []).flatMap(({ patches }: { patches: { value?: unknown }[] }) =>
        patches.map(({ value }) => value).filter((value) => /^(k8s|charts)\//.test(String(value))),
      ),
    ])
    files.push(
      ...releases().flatMap(({ chartPath = [], valuesFiles = [] }) => [chartPath, ...valuesFiles].flat()),
    )
    expect(files).to.have.length.above(6)
    for (const file of files) expect(existsSync(path.join(repositoryDir, file)), file).to.equal(true)
  })

  it('installs the operators of k8s/README.md in the same versions', async () => {
    const readme = await readFile(path.join(repositoryDir, 'k8s/README.md'), 'utf8')
    const remote = releases().filter(({ remoteChart }) => remoteChart)
    expect(remote.map(({ name }) => name)).to.have.members(['strimzi', 'cloudnative-pg'])
    for (const { name, remoteChart, repo, version } of remote) {
      expect(readme).to.include(`helm install ${name} ${remoteChart} --repo ${repo} --version ${version} `)
    }
  })

  it('sets only values that the chart has', async () => {
    const charts = releases().filter(({ chartPath }) => chartPath)
    expect(charts).to.have.length(2)
    for (const { name, setValues, setValueTemplates } of charts) {
      const values = await chartValues(name)
      for (const key of Object.keys({ ...setValues, ...setValueTemplates })) {
        const found = key.split('.').reduce((at, part) => at?.[part], values)
        expect(found, `${name}: ${key}`).to.not.equal(undefined)
      }
    }
  })

  it('waits in the cluster that it deploys to', () => {
    const commands = modules
      .flatMap(({ deploy }) => deploy.kubectl?.hooks.after ?? [])
      .map(({ host }: { host: { command: string[] } }) => host.command.join(' '))
    const calls = commands.join(' ').match(/kubectl .*?(?=&&|$)/g) ?? []
    expect(calls).to.have.length(2)
    for (const call of calls) expect(call).to.match(/^kubectl --context "\$SKAFFOLD_KUBE_CONTEXT" /)
  })

  describe('read by skaffold', () => {
    needs('skaffold', 'kubectl')

    for (const [profile, context] of [
      ['', 'kind-boxoffice'],
      ['production', undefined],
    ] as const) {
      it(`deploys to ${context ?? "kubectl's context"}${profile && ` in ${profile}`}`, async () => {
        const read = await outputOf(
          'skaffold',
          ...['diagnose', '--yaml-only=true'],
          ...(profile ? ['--profile', profile] : []),
        )
        // biome-ignore lint/suspicious/noExplicitAny: configurations of skaffold's
        const configs: any[] = resourcesOf(read)
        const contexts = configs.map(({ metadata, deploy }) => [metadata.name, deploy.kubeContext])
        expect(contexts).to.deep.equal([
          ['operators', context],
          ['platform', context],
          ['boxoffice', context],
        ])
      })
    }

    it('is a valid configuration', async () => {
      expect(await outputOf('skaffold', 'diagnose', '--yaml-only=true')).to.include('kind: Config')
    })

    for (const [profile, pools] of [
      ['', ['dual-role']],
      ['production', ['broker', 'controller']],
    ] as const) {
      it(`renders the overlay ${profile || 'kind'}`, async () => {
        const dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-skaffold-'))
        try {
          // Without its required modules, whose charts are remote.
          const { requires, ...platform } = modules.find(({ metadata }) => metadata.name === 'platform')
          expect(requires.map(({ configs }: { configs: string[] }) => configs)).to.deep.equal([['operators']])
          const [file, tags] = [path.join(dir, 'skaffold.yaml'), path.join(dir, 'tags.json')]
          await writeFile(file, stringify(platform))
          await writeFile(tags, JSON.stringify({ builds: [] }))
          const rendered = await outputOf(
            'skaffold',
            ...['render', '--filename', file],
            ...['--build-artifacts', tags, '--digest-source=none', '--offline=true'],
            ...(profile ? ['--profile', profile] : []),
          )
          const found = resourcesOf(rendered).filter(({ kind }) => kind === 'KafkaNodePool')
          expect(found.map(({ metadata }) => metadata.name)).to.have.members([...pools])
        } finally {
          await rm(dir, { recursive: true, force: true })
        }
      })
    }
  })
})
