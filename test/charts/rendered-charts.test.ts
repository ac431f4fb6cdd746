import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { render, renderings, withoutCertificates } from './charts.ts'
import { needs, outputOf, run, schemasDir } from './tool.ts'

const goldenDir = path.join(import.meta.dirname, 'golden')

/** Rules of kube-score that we do not follow, each with its reason. */
const ignoredRules = [
  // A CPU limit throttles a process even while its node has CPU time left.
  '--ignore-container-cpu-limit',
  // Images have a tag that never moves, or a digest: pulling at each start would only make the registry a dependency.
  ...['--ignore-test', 'container-image-pull-policy'],
]

for (const rendering of renderings) {
  const { chart, variant, valuesFile } = rendering
  describe(`the chart ${chart} with its ${variant} values`, () => {
    needs('helm')
    let dir: string
    let manifests: string
    let file: string

    before(async () => {
      manifests = await render(rendering)
      dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-charts-'))
      file = path.join(dir, `${chart}.yaml`)
      await writeFile(file, manifests)
    })

    after(async () => {
      if (dir) await rm(dir, { recursive: true, force: true })
    })

    it('passes helm lint', async () => {
      await outputOf(
        'helm',
        'lint',
        `charts/${chart}`,
        '--strict',
        '--values',
        valuesFile,
        '--kube-version',
        '1.35.0',
      )
    })

    it('renders the expected manifests', async () => {
      const golden = path.join(goldenDir, `${chart}-${variant}.yaml`)
      const found = withoutCertificates(manifests)
      const foundFile = path.join(dir, `${chart}-found.yaml`)
      await writeFile(foundFile, found)
      if (process.env.UPDATE_GOLDEN === 'true') await writeFile(golden, found)
      const expected = await readFile(golden, 'utf8').catch(() => '')
      const difference = await run('git', 'diff', '--no-index', '--unified=3', golden, foundFile)
      expect(
        found === expected,
        `if this change is intended: npm run test:charts -- --update\n${difference.output}`,
      ).to.equal(true)
    })

    describe('is known to Kubernetes and to the CRDs', () => {
      needs('kubeconform', 'schemas')

      it('field by field', async () => {
        await outputOf('kubeconform', ...kubeconformArgs, file)
      })
    })

    describe('is scored', () => {
      needs('kube-score')

      it('with nothing critical', async () => {
        const { output } = await run('kube-score', 'score', file, '--output-format', 'ci', ...ignoredRules)
        expect(output).to.match(/\[OK\]/)
        expect(output.split('\n').filter((line) => line.startsWith('[CRITICAL]'))).to.deep.equal([])
      })
    })
  })
}

const kubeconformArgs = [
  ...['-strict', '-summary'],
  ...['-schema-location', `${schemasDir}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json`],
  ...['-schema-location', `${schemasDir}/{{.ResourceKind}}{{.KindSuffix}}.json`],
]
