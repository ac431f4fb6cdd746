import { expect } from 'chai'
import { present } from '../support/customer.ts'
import { type Resource, readManifests, render, renderings, resourcesOf } from './charts.ts'
import { type NetworkPod, openWays, type Peer, podsIn, type Rule, selects } from './network.ts'
import { needs, outputOf } from './tool.ts'

const services = ['payment', 'point', 'reservation']
const withConsole = [...services, 'console']
const grpc = 50051

for (const variant of ['kind', 'production'] as const) {
  describe(`the namespace of Boxoffice, in ${variant}`, () => {
    needs('helm', 'kubectl')
    let policies: Resource[]
    let pods: NetworkPod[]

    before(async () => {
      const own = renderings.filter((rendering) => rendering.variant === variant)
      const rendered = await Promise.all(own.map(async (rendering) => resourcesOf(await render(rendering))))
      const platform = resourcesOf(await outputOf('kubectl', 'kustomize', `k8s/overlays/${variant}`))
      const verify = await readManifests('k8s/verify-job.yaml')
      const resources = [...platform, ...verify, ...rendered.flat()]
      policies = resources.filter(({ kind }) => kind === 'NetworkPolicy')
      pods = podsIn(resources)
    })

    it('blocks all traffic of every pod that no policy names, in and out', () => {
      const all = policies.filter(({ spec }) => selects(spec.podSelector, {}))
      expect(all.map(({ spec }) => [spec.policyTypes, spec.ingress, spec.egress])).to.deep.equal([
        [['Ingress', 'Egress'], undefined, undefined],
      ])
    })

    it('lets nothing pass of the pods of a release either, where the namespace has other rules', async () => {
      const [chart] = renderings.filter(
        (rendering) => rendering.variant === variant && rendering.chart === 'boxoffice',
      )
      const resources = resourcesOf(await render(present(chart)))
      const denials = resources.filter(
        ({ kind, spec }) => kind === 'NetworkPolicy' && !spec.ingress && !spec.egress,
      )
      expect(denials.map(({ spec }) => spec.policyTypes)).to.deep.equal([['Ingress', 'Egress']])
      const open = podsIn(resources).filter(
        ({ labels }) => !denials.some(({ spec }) => selects(spec.podSelector, labels)),
      )
      expect(open.map(({ name }) => name)).to.deep.equal([])
    })

    it('has a policy that allows something for each pod', () => {
      const strangers = pods.filter(
        ({ labels }) =>
          !policies.some(({ spec }) => (spec.ingress ?? spec.egress) && selects(spec.podSelector, labels)),
      )
      expect(strangers.map(({ name }) => name)).to.deep.equal([])
      expect(pods.length).to.be.greaterThan(12)
    })

    it('has no rule for any peer, any place, or any port', () => {
      for (const { metadata, spec } of policies) {
        const rules: Rule[] = [...(spec.ingress ?? []), ...(spec.egress ?? [])]
        for (const { from, to, ports } of rules) {
          const peers = from ?? to ?? []
          expect(peers, `${metadata.name}: a rule without peers is for all peers`).to.not.be.empty
          expect(ports ?? [], `${metadata.name}: ports`).to.not.be.empty
          for (const peer of peers)
            expect(isExact(peer), `${metadata.name}: ${JSON.stringify(peer)}`).to.equal(true)
        }
      }
    })

    it('opens to each pod only ports that the pod has', () => {
      for (const { metadata, spec } of policies) {
        const about = pods.filter(({ labels }) => selects(spec.podSelector, labels))
        for (const { ports = [] } of (spec.ingress ?? []) as Rule[]) {
          for (const { port } of ports) {
            const listeners = about.filter((pod) =>
              pod.ports.some(({ name, number }) => [name, number].includes(port)),
            )
            expect(listeners, `${metadata.name}: ${port}`).to.have.lengthOf(about.length)
          }
        }
      }
    })

    it('leaves exactly these ways open between its pods', () => {
      const service = (name: string) => `boxoffice-${name}`
      const tests = ['api-answers', 'page-opens', 'checkout-completes'].filter((name) =>
        pods.some((pod) => pod.name === service(name)),
      )
      const callers = [...tests.map(service), 'boxoffice-operator']
      const ways = [
        // Services, their relays and the operator to Kafka, and between the pods of Kafka.
        ...[...withConsole.map(service), 'boxoffice-operator'].map(
          (from) => `${from} -> boxoffice-kafka:9093`,
        ),
        ...[9090, 9091].map((port) => `boxoffice-kafka -> boxoffice-kafka:${port}`),
        ...['entity-operator', 'kafka-exporter'].map((name) => `boxoffice-${name} -> boxoffice-kafka:9091`),
        // Services, their relays and migrations to PostgreSQL, and between the pods of PostgreSQL.
        ...withConsole.flatMap((name) => [
          `${service(name)} -> boxoffice-db:5432`,
          `boxoffice-migrate-${name} -> boxoffice-db:5432`,
        ]),
        ...[5432, 8000].map((port) => `boxoffice-db -> boxoffice-db:${port}`),
        // Calls. The console also reads metrics, and its page is opened.
        ...[...callers, 'checkout-completes'].flatMap((from) =>
          withConsole.map((to) => `${from} -> ${service(to)}:${grpc}`),
        ),
        ...tests.map((from) => `${service(from)} -> boxoffice-console:8080`),
        ...services.flatMap((to) =>
          [grpc, 9464, 9465].map((port) => `boxoffice-console -> ${service(to)}:${port}`),
        ),
      ]
      const verifyJob = pods.filter(({ name }) => name === 'checkout-completes')
      expect(verifyJob).to.have.lengthOf(1)
      expect(openWays(pods, policies)).to.have.members(ways)
    })
  })
}

describe('the API server', () => {
  needs('helm')

  it('is reached by the operator at the given addresses only', async () => {
    const operator = renderings.find(
      ({ chart, variant }) => chart === 'boxoffice-operator' && variant === 'default',
    )
    if (operator === undefined) throw new Error('there is no chart of the operator')
    const blocks = async (...args: readonly string[]) =>
      resourcesOf(await render(operator, ...args))
        .filter(({ kind }) => kind === 'NetworkPolicy')
        .flatMap(({ spec }) => spec.egress as Rule[])
        .filter(({ to = [] }) => to.some(({ ipBlock }) => ipBlock))
    expect(await blocks()).to.deep.equal([])
    const named = ['--set', 'networkPolicy.apiServer[0].ipBlock.cidr=10.0.0.1/32']
    expect(await blocks(...named, '--set', 'networkPolicy.apiServerPorts={6443}')).to.deep.equal([
      { to: [{ ipBlock: { cidr: '10.0.0.1/32' } }], ports: [{ protocol: 'TCP', port: 6443 }] },
    ])
  })
})

/** Whether a peer names pods, a namespace, or a single address. */
function isExact({ podSelector, namespaceSelector, ipBlock }: Peer): boolean {
  if (ipBlock) return /\/(32|128)$/.test(ipBlock.cidr)
  const named = [podSelector, namespaceSelector].filter((selector) => selector !== undefined)
  return named.length > 0 && named.every((selector) => !selects(selector, {}))
}
