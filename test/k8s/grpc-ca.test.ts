import { X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import { getJson, helm, kubectl, tryHelm } from '../support/kubectl.ts'
import { installDefinitions } from './support/definitions.ts'
import { makeNamespace, removeNamespace } from './support/namespace.ts'

const release = 'boxoffice'
const services = ['payment', 'point', 'reservation', 'console']

/**
 * Without hooks, as no node runs a migration; and with the chart's own CA, as the cluster has cert-manager's
 * definitions.
 */
const args = ['--no-hooks', '--set', 'grpc.tls.source=chart']

describe("the chart's CA over upgrades", function () {
  this.timeout(180_000)
  let namespace: string
  before(async () => {
    await installDefinitions()
    namespace = await makeNamespace('grpc-ca')
    await helm('install', release, 'charts/boxoffice', '--namespace', namespace, ...args)
  })
  after(async () => {
    if (namespace) await removeNamespace(namespace)
  })

  const upgrade = async (...more: readonly string[]): Promise<State> => {
    await helm('upgrade', release, 'charts/boxoffice', '--namespace', namespace, ...args, ...more)
    return await state()
  }

  it('keeps its CA and its certificates over an upgrade', async () => {
    const before = await state()
    expect(before.trusted).to.deep.equal([before.ca])
    expect(await upgrade('--set', 'logLevel=warn')).to.deep.equal(before)
  })

  it('issues certificates that every client of the CA trusts', async () => {
    for (const service of services) {
      const { certificate, trusted } = await certificateOf(service)
      expect(trusted.some((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey))).to.equal(
        true,
      )
      expect(certificate.checkHost(`${release}-${service}.${namespace}.svc`)).to.not.equal(undefined)
    }
  })

  it('renews a certificate after half its life or when its names change, and keeps the others', async () => {
    const before = await state()
    await annotate(`${release}-point-grpc`, { 'boxoffice.dev/renew-after': '1' })
    const renewed = await upgrade()
    expect(renewed.ca).to.equal(before.ca)
    expect(differing(before, renewed)).to.deep.equal(['point'])
    const renamed = await upgrade('--set', 'grpc.tls.clusterDomain=example.internal')
    expect(differing(renewed, renamed)).to.deep.equal(services)
  })

  it('leads to another CA that is trusted before it signs, and signs before the old one is removed', async () => {
    const before = await state()
    const begun = await upgrade('--set', 'grpc.tls.chart.rotation=begin')
    expect(begun.trusted).to.have.lengthOf(2)
    expect(begun.trusted[0]).to.equal(before.ca)
    expect(begun.signer, 'clients without the new CA still trust the signer').to.equal(before.ca)

    expect(await refusal('switch')).to.include('mounted files are replaced within two minutes')
    await letTimePass()
    const switched = await upgrade('--set', 'grpc.tls.chart.rotation=switch')
    expect(switched.trusted).to.deep.equal(begun.trusted)
    expect(switched.signer).to.equal(begun.trusted[1])

    expect(await refusal('')).to.include('mounted files are replaced within two minutes')
    await letTimePass()
    const ended = await upgrade()
    expect(ended.trusted).to.deep.equal([begun.trusted[1]])
    expect(ended.ca).to.equal(begun.trusted[1])
    expect(ended.signer).to.equal(begun.trusted[1])
    expect(await upgrade('--set', 'logLevel=warn'), 'the new CA is kept').to.deep.equal(ended)
  })

  it('drops a new CA that has not signed yet', async () => {
    const before = await state()
    await upgrade('--set', 'grpc.tls.chart.rotation=begin')
    expect(await upgrade()).to.deep.equal(before)
  })

  it('stays in use when the cluster gets cert-manager, unless a value says otherwise', async () => {
    const before = await state()
    await helm('upgrade', release, 'charts/boxoffice', '--namespace', namespace, '--no-hooks')
    expect(await state()).to.deep.equal(before)
    const { items } = await getJson('certificates.cert-manager.io', '--namespace', namespace)
    expect(items).to.deep.equal([])
  })

  interface State {
    /** Fingerprints: of the stored CA, of the CAs that clients trust, and of the CA that has signed. */
    readonly ca: string
    readonly trusted: readonly string[]
    readonly signer: string
    readonly certificates: Readonly<Record<string, string>>
  }

  async function state(): Promise<State> {
    const [stored] = certificatesIn(await dataOf(`${release}-grpc-ca`), 'tls.crt')
    const found = await Promise.all(services.map(certificateOf))
    const signers = found.map(({ certificate, trusted }) =>
      trusted.find((ca) => certificate.verify(ca.publicKey)),
    )
    expect(new Set(signers.map((signer) => signer?.fingerprint256)).size, 'one CA signs all').to.equal(1)
    return {
      ca: stored?.fingerprint256 ?? '',
      trusted: (found[0]?.trusted ?? []).map(({ fingerprint256 }) => fingerprint256),
      signer: signers[0]?.fingerprint256 ?? '',
      certificates: Object.fromEntries(
        services.map((service, at) => [service, found[at]?.certificate.fingerprint256 ?? '']),
      ),
    }
  }

  async function certificateOf(service: string) {
    const data = await dataOf(`${release}-${service}-grpc`)
    const [certificate] = certificatesIn(data, 'tls.crt')
    if (certificate === undefined) throw new Error(`${service} has no certificate`)
    return { certificate, trusted: certificatesIn(data, 'ca.crt') }
  }

  async function dataOf(secret: string): Promise<Readonly<Record<string, string>>> {
    return (await getJson('secret', secret, '--namespace', namespace)).data
  }

  async function annotate(secret: string, annotations: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(annotations).map(([name, value]) => `${name}=${value}`)
    await kubectl('annotate', 'secret', secret, '--overwrite', '--namespace', namespace, ...pairs)
  }

  /** Moves the last step of the rotation two minutes into the past. */
  async function letTimePass(): Promise<void> {
    const since = Math.floor(Date.now() / 1000) - 121
    await annotate(`${release}-grpc-ca`, { 'boxoffice.dev/rotation-since': String(since) })
  }

  async function refusal(rotation: string): Promise<string> {
    const set = ['--set', `grpc.tls.chart.rotation=${rotation}`]
    const where = ['--namespace', namespace]
    const { exitCode, stderr } = await tryHelm(
      'upgrade',
      release,
      'charts/boxoffice',
      ...where,
      ...args,
      ...set,
    )
    expect(exitCode).to.not.equal(0)
    return stderr
  }

  function differing(one: State, other: State): string[] {
    return services.filter((service) => one.certificates[service] !== other.certificates[service])
  }
})

function certificatesIn(data: Readonly<Record<string, string>>, key: string): X509Certificate[] {
  const text = Buffer.from(data[key] ?? '', 'base64').toString()
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return found.map((pem) => new X509Certificate(pem))
}
