import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { parseAllDocuments } from 'yaml'
import { apply, helm, kubectl, refusalOf, tryKubectl } from '../support/kubectl.ts'
import { installDefinitions } from './support/definitions.ts'
import { makeNamespace, removeNamespace } from './support/namespace.ts'

// biome-ignore lint/suspicious/noExplicitAny: manifests of any kind
type Manifest = any

const overlays = readdirSync('k8s/overlays')
const charts = ['boxoffice', 'boxoffice-operator'].flatMap((chart) =>
  readdirSync(`charts/${chart}`)
    .filter((file) => /^values(-[a-z]+)?\.yaml$/.test(file))
    .map((values) => [chart, values] as const),
)

describe('a real API server', function () {
  this.timeout(180_000)
  let namespace: string
  before(async () => {
    await installDefinitions()
    namespace = await makeNamespace('manifests')
  })
  after(async () => {
    if (namespace) await removeNamespace(namespace)
  })

  it('accepts the namespaces', async () => {
    await kubectl('apply', '--server-side', '--dry-run=server', '--filename', 'k8s/namespaces.yaml')
  })

  for (const overlay of overlays) {
    it(`accepts every field of k8s/overlays/${overlay}`, async () => {
      const manifests = parse(await kubectl('kustomize', `k8s/overlays/${overlay}`))
      expect(manifests.length).to.be.greaterThan(10)
      await dryRun(manifests)
    })
  }

  for (const [chart, values] of charts) {
    describe(`and the chart ${chart} with ${values}`, () => {
      let manifests: Manifest[]
      before(async () => {
        const options = [
          '--namespace',
          namespace,
          '--kube-version',
          '1.35.0',
          '--values',
          `charts/${chart}/${values}`,
        ]
        manifests = parse(await helm('template', chart, `charts/${chart}`, ...options))
      })

      it('accepts every field of it', async () => {
        await dryRun(manifests)
      })

      it('admits each of its pods under the Pod Security Standard `restricted`', async () => {
        const pods = manifests.flatMap(podOf)
        expect(pods).to.not.deep.equal([])
        for (const pod of pods) {
          // A pod needs an existing service account. In a real release the chart creates it.
          const name = pod.spec.serviceAccountName ?? 'default'
          await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } })
          const { exitCode, stderr } = await tryKubectl(
            ['create', '--dry-run=server', '--namespace', namespace, '--filename', '-'],
            JSON.stringify(pod),
          )
          expect(exitCode, `${pod.metadata.name}: ${stderr}`).to.equal(0)
          expect(stderr).to.equal('')
        }
      })
    })
  }

  it('does not admit a pod that needs more than `restricted` allows', async () => {
    await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } })
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'root', namespace },
      spec: { containers: [{ name: 'a', image: 'a' }] },
    }
    expect(await refusalOf(pod)).to.contain('violates PodSecurity "restricted:latest"')
  })

  /** Applies strictly, without effect: a field that the server does not know is an error. */
  async function dryRun(manifests: readonly Manifest[]): Promise<void> {
    const inside = manifests.map((manifest) =>
      manifest.metadata.namespace === undefined
        ? manifest
        : { ...manifest, metadata: { ...manifest.metadata, namespace } },
    )
    const list = { apiVersion: 'v1', kind: 'List', items: inside }
    const options = ['--dry-run=server', '--validate=strict', '--server-side', '--force-conflicts']
    await apply(list, ...options, '--namespace', namespace)
  }
})

function parse(yaml: string): Manifest[] {
  return parseAllDocuments(yaml).flatMap((document) => document.toJS() ?? [])
}

/** The pod that a workload would create. */
function podOf({ kind, metadata, spec }: Manifest): Manifest[] {
  if (kind === 'Pod')
    return [{ apiVersion: 'v1', kind, metadata: { name: metadata.name, labels: metadata.labels }, spec }]
  const template = spec?.template
  if (!['Deployment', 'Job', 'StatefulSet', 'DaemonSet'].includes(kind)) return []
  return [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: metadata.name, labels: template.metadata.labels },
      spec: template.spec,
    },
  ]
}
