import { expect } from 'chai'
import { parseAllDocuments } from 'yaml'
import { apply, context, getJson, helm } from '../support/kubectl.ts'
import { succeed } from '../support/tool.ts'
import { makeNamespace, removeNamespace } from './support/namespace.ts'

interface Egress {
  readonly to: readonly { readonly ipBlock?: { readonly cidr: string } }[]
  readonly ports: readonly { readonly port: number }[]
}

describe('network access to the API server', function () {
  this.timeout(60_000)
  let namespace: string
  let wanted: string[]
  before(async () => {
    namespace = await makeNamespace('api-server')
    const service = await getJson('service', 'kubernetes', '--namespace', 'default')
    const slices = await getJson(
      ...['endpointslices', '--namespace', 'default'],
      ...['--selector', 'kubernetes.io/service-name=kubernetes'],
    )
    const [slice] = slices.items
    const addresses: string[] = slice.endpoints.flatMap(
      (endpoint: { addresses: string[] }) => endpoint.addresses,
    )
    wanted = [
      `${service.spec.clusterIP}/32:443`,
      ...addresses.map((address) => `${address}/32:${slice.ports[0].port}`),
    ]
  })
  after(async () => {
    if (namespace) await removeNamespace(namespace)
  })

  it("is open to the operator at the API server's own addresses, and nowhere else", async () => {
    const args = ['--namespace', namespace, '--dry-run=server', '--set', 'crds.install=false']
    const output = await helm('install', 'operator', 'charts/boxoffice-operator', ...args)
    const manifests = parseAllDocuments(output.slice(output.indexOf('\n---'))).map((document) =>
      document.toJS(),
    )
    const policy = manifests.find((manifest) => manifest?.kind === 'NetworkPolicy')
    expect(blocksIn(policy.spec.egress)).to.have.members(wanted)
  })

  it("is open to Kafka's and PostgreSQL's pods at the same addresses, by policies that it accepts", async () => {
    const written = await succeed('k8s/allow-api-server', context)
    await apply(written, '--namespace', namespace, '--server-side', '--validate=strict')
    const { items } = await getJson('networkpolicies', '--namespace', namespace)
    expect(items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).to.have.members([
      'kafka-api-server',
      'postgres-api-server',
    ])
    for (const { spec } of items) {
      expect(spec.podSelector.matchExpressions).to.have.lengthOf(1)
      expect(blocksIn(spec.egress)).to.have.members(wanted)
    }
  })
})

/** As address/length:port. */
function blocksIn(egress: readonly Egress[]): string[] {
  return egress.flatMap(({ to, ports }) =>
    to.flatMap(({ ipBlock }) => (ipBlock ? ports.map(({ port }) => `${ipBlock.cidr}:${port}`) : [])),
  )
}
