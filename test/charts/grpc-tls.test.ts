import { X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import { type Rendering, type Resource, readManifests, render, renderings, resourcesOf } from './charts.ts'
import { needs } from './tool.ts'

const rendering = renderings.find(
  ({ chart, variant }) => chart === 'boxoffice' && variant === 'default',
) as Rendering
const services = ['payment', 'point', 'reservation', 'console']
const caFile = 'grpc/ca.crt'

describe('gRPC in the chart', () => {
  needs('helm')
  const rendered = async (...args: readonly string[]) => resourcesOf(await render(rendering, ...args))

  it('is encrypted by default, with certificates of a CA that the chart makes', async () => {
    const secrets = (await rendered()).filter(({ kind }) => kind === 'Secret')
    const ca = certificateIn(secrets, 'boxoffice-grpc-ca', 'tls.crt')
    expect(ca.ca && ca.verify(ca.publicKey)).to.equal(true)
    for (const service of services) {
      const certificate = certificateIn(secrets, `boxoffice-${service}-grpc`, 'tls.crt')
      const trusted = certificateIn(secrets, `boxoffice-${service}-grpc`, 'ca.crt')
      expect(trusted.fingerprint256, service).to.equal(ca.fingerprint256)
      expect(certificate.checkIssued(ca) && certificate.verify(ca.publicKey), service).to.equal(true)
      expect(certificate.ca, service).to.equal(false)
    }
  })

  it('has a certificate for every name that a service is called by, and for no other service', async () => {
    const secrets = (await rendered()).filter(({ kind }) => kind === 'Secret')
    for (const service of services) {
      const certificate = certificateIn(secrets, `boxoffice-${service}-grpc`, 'tls.crt')
      for (const name of namesOf(service)) expect(certificate.checkHost(name), name).to.equal(name)
      expect(certificate.checkIP('127.0.0.1')).to.equal('127.0.0.1')
      for (const other of services.filter((name) => name !== service))
        expect(certificate.checkHost(`boxoffice-${other}`), `${service} as ${other}`).to.equal(undefined)
    }
  })

  it('gives the key of the CA to no pod, and the CA to every pod that makes calls', async () => {
    const resources = await rendered()
    for (const { name, spec } of podsOf(resources)) {
      for (const { secret } of sourcesIn(spec)) expect(secret?.name, name).to.not.equal('boxoffice-grpc-ca')
    }
    for (const { name, spec } of podsOf(resources)) expectTrust(name, spec)
    const operator = renderings.find(({ chart }) => chart === 'boxoffice-operator') as Rendering
    for (const { name, spec } of podsOf(resourcesOf(await render(operator)))) expectTrust(name, spec)
  })

  it('is trusted by the job of `skaffold verify` too', async () => {
    const [job] = podsOf(await readManifests('k8s/verify-job.yaml'))
    const [, ca] = sourcesIn(job?.spec)
    expect(ca?.secret).to.deep.equal({
      name: 'boxoffice-payment-grpc',
      items: [{ key: 'ca.crt', path: 'ca.crt' }],
    })
    const env = job?.spec.containers[0].env
    expect(env).to.deep.include({ name: 'GRPC_TLS_CA_FILE', value: '/run/boxoffice/ca.crt' })
  })

  it("uses cert-manager if the cluster has it, with a CA of the release's own", async () => {
    const resources = await rendered('--api-versions', 'cert-manager.io/v1')
    expect(resources.filter(({ kind }) => kind === 'Secret')).to.deep.equal([])
    const certificates = resources.filter(({ kind }) => kind === 'Certificate')
    expect(certificates.map(({ spec }) => spec.secretName)).to.have.members([
      'boxoffice-grpc-issuer',
      ...services.map((service) => `boxoffice-${service}-grpc`),
    ])
    for (const service of services) {
      const { spec } = certificates.find(
        ({ metadata }) => metadata.name === `boxoffice-${service}`,
      ) as Resource
      expect(spec.dnsNames).to.have.members(namesOf(service))
      expect(spec.ipAddresses).to.deep.equal(['127.0.0.1'])
      expect(spec.issuerRef).to.include({ kind: 'Issuer', name: 'boxoffice-grpc-ca' })
    }
    const issuers = resources.filter(({ kind }) => kind === 'Issuer').map(({ spec }) => spec)
    expect(issuers).to.deep.equal([{ selfSigned: {} }, { ca: { secretName: 'boxoffice-grpc-issuer' } }])
  })

  it('uses a named issuer or existing Secrets, and then creates none itself', async () => {
    const issued = await rendered('--set', 'grpc.tls.issuer.name=ours')
    expect(issued.filter(({ kind }) => ['Secret', 'Issuer'].includes(kind))).to.deep.equal([])
    const brought = await rendered('--set', 'grpc.tls.source=secrets')
    expect(brought.filter(({ kind }) => ['Secret', 'Issuer', 'Certificate'].includes(kind))).to.deep.equal([])
    expect(JSON.stringify(brought)).to.include('GRPC_TLS_CERT_FILE')
  })

  it('probes readiness over HTTP if TLS is on, as the gRPC probe of Kubernetes speaks no TLS', async () => {
    const probes = async (...args: readonly string[]) =>
      (await rendered(...args))
        .filter(({ kind }) => kind === 'Deployment')
        .map(({ spec }) => spec.template.spec.containers[0].readinessProbe)
    for (const probe of await probes())
      expect(probe.httpGet).to.deep.equal({ path: '/readyz', port: 'metrics' })
    for (const probe of await probes('--set', 'grpc.tls.enabled=false'))
      expect(probe.grpc).to.deep.equal({ port: 50051 })
  })

  it('is in plain text only if a value says so', async () => {
    const plain = await rendered('--set', 'grpc.tls.enabled=false')
    expect(JSON.stringify(plain)).to.not.include('GRPC_TLS')
    for (const { chart, variant, valuesFile } of renderings) {
      const manifests = await render({ chart, variant, valuesFile })
      expect(manifests, valuesFile).to.match(/GRPC_TLS_(CERT|CA)_FILE/)
    }
  })
})

/** Expects that a pod with the address of a service has the CA, and nothing else of a certificate. */
function expectTrust(name: string, spec: PodSpec): void {
  const variables: Variable[] = spec.containers.flatMap(({ env = [] }) => env)
  const calls = variables.some(({ value = '' }) => value.includes('dns:///'))
  // A migration has the environment of its service, but makes no calls.
  if (!calls || name.startsWith('boxoffice-migrate-')) return
  const mounted = sourcesIn(spec).flatMap(({ secret }) => secret?.items ?? [])
  expect(mounted, name).to.deep.include({ key: 'ca.crt', path: caFile })
  expect(variables, name).to.deep.include({ name: 'GRPC_TLS_CA_FILE', value: `/run/boxoffice/${caFile}` })
}

function namesOf(service: string): string[] {
  const name = `boxoffice-${service}`
  return [
    name,
    `${name}.boxoffice`,
    `${name}.boxoffice.svc`,
    `${name}.boxoffice.svc.cluster.local`,
    'localhost',
  ]
}

function certificateIn(secrets: readonly Resource[], name: string, key: string): X509Certificate {
  const secret = secrets.find(({ metadata }) => metadata.name === name) as Resource & {
    readonly data: Readonly<Record<string, string>>
  }
  return new X509Certificate(Buffer.from(secret.data[key] ?? '', 'base64'))
}

function podsOf(resources: readonly Resource[]): { readonly name: string; readonly spec: PodSpec }[] {
  return resources
    .filter(({ kind }) => ['Deployment', 'Job', 'Pod'].includes(kind))
    .map(({ kind, metadata, spec }) => ({
      name: metadata.name,
      spec: kind === 'Pod' ? spec : spec.template.spec,
    }))
}

function sourcesIn(spec: PodSpec | undefined) {
  return (spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? [])
}

interface Variable {
  readonly name: string
  readonly value?: string
}

interface PodSpec {
  // biome-ignore lint/suspicious/noExplicitAny: containers of Kubernetes
  readonly containers: readonly any[]
  readonly volumes?: readonly {
    readonly projected?: {
      readonly sources: readonly {
        readonly secret?: {
          readonly name: string
          readonly items: readonly { readonly key: string; readonly path: string }[]
        }
      }[]
    }
  }[]
}
