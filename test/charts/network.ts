import type { Resource } from './charts.ts'

/** A pod that a resource creates, with what network policies select by. */
export interface NetworkPod {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** The ports that it listens on: number, and name if it has one. */
  readonly ports: readonly { readonly number: number; readonly name?: string }[]
}

export interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

export interface Peer {
  readonly podSelector?: Selector
  readonly namespaceSelector?: Selector
  readonly ipBlock?: { readonly cidr: string }
}

export interface Rule {
  readonly from?: readonly Peer[]
  readonly to?: readonly Peer[]
  readonly ports?: readonly { readonly port?: number | string }[]
}

type Direction = 'ingress' | 'egress'

/** The pods of workloads, of Kafka (by its node pools, its entity operator and its exporter) and of PostgreSQL. */
export function podsIn(resources: readonly Resource[]): NetworkPod[] {
  return resources.flatMap(({ kind, metadata: { name, labels = {} }, spec }): NetworkPod[] => {
    if (kind === 'Pod') return [{ name, labels, ports: portsOf(spec) }]
    if (kind === 'Deployment' || kind === 'Job')
      return [{ name, labels: spec.template.metadata.labels, ports: portsOf(spec.template.spec) }]
    if (kind === 'Kafka') return kafkaPods(name, spec)
    if (kind === 'Cluster')
      return [{ name, labels: { 'cnpg.io/cluster': name }, ports: numbers(5432, 8000, 9187) }]
    return []
  })
}

/** The connections between pods of one namespace that the policies allow, as `from -> to:port`. */
export function openWays(pods: readonly NetworkPod[], policies: readonly Resource[]): string[] {
  return pods.flatMap((from) =>
    pods.flatMap((to) =>
      to.ports
        .filter(
          (port) =>
            passes(policies, 'egress', from, to, port) && passes(policies, 'ingress', to, from, port, to),
        )
        .map((port) => `${from.name} -> ${to.name}:${port.number}`),
    ),
  )
}

export function selects(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key in labels
      if (operator === 'In') return values.includes(labels[key] ?? '')
      throw new Error(`the operator ${operator} is not supported here`)
    })
  )
}

/** Whether the policies of `pod` allow its traffic with `other`. A pod that no policy selects is not restricted. */
function passes(
  policies: readonly Resource[],
  direction: Direction,
  pod: NetworkPod,
  other: NetworkPod,
  port: NetworkPod['ports'][number],
  listener = other,
): boolean {
  const type = direction === 'ingress' ? 'Ingress' : 'Egress'
  const about = policies.filter(
    ({ spec }) => spec.policyTypes.includes(type) && selects(spec.podSelector, pod.labels),
  )
  if (about.length === 0) return true
  const rules: Rule[] = about.flatMap(({ spec }) => spec[direction] ?? [])
  return rules.some(({ from, to, ports }) => {
    const peers = from ?? to
    const isPeer = peers === undefined || peers.some((peer) => isOneOf(peer, other))
    const isPort = ports === undefined || ports.some((allowed) => fits(allowed.port, port, listener))
    return isPeer && isPort
  })
}

function isOneOf({ podSelector, namespaceSelector }: Peer, { labels }: NetworkPod): boolean {
  return namespaceSelector === undefined && podSelector !== undefined && selects(podSelector, labels)
}

function fits(
  wanted: number | string | undefined,
  port: NetworkPod['ports'][number],
  to: NetworkPod,
): boolean {
  if (typeof wanted === 'number') return wanted === port.number
  return to.ports.some(({ name, number }) => name === wanted && number === port.number)
}

function portsOf({ initContainers = [], containers }: PodSpec): NetworkPod['ports'] {
  return [...initContainers, ...containers].flatMap(({ ports = [] }) =>
    ports.map(({ name, containerPort }) => ({ number: containerPort, name })),
  )
}

function kafkaPods(name: string, spec: Resource['spec']): NetworkPod[] {
  const labels = (part: string) => ({ 'strimzi.io/cluster': name, 'strimzi.io/name': `${name}-${part}` })
  const listeners: number[] = spec.kafka.listeners.map(({ port }: { port: number }) => port)
  const metrics = spec.kafka.metricsConfig === undefined ? [] : [9404]
  return [
    {
      name: `${name}-kafka`,
      labels: labels('kafka'),
      ports: numbers(9090, 9091, 8443, ...listeners, ...metrics),
    },
    ...(spec.entityOperator
      ? [{ name: `${name}-entity-operator`, labels: labels('entity-operator'), ports: [] }]
      : []),
    ...(spec.kafkaExporter
      ? [{ name: `${name}-kafka-exporter`, labels: labels('kafka-exporter'), ports: numbers(9404) }]
      : []),
  ]
}

function numbers(...ports: readonly number[]): NetworkPod['ports'] {
  return ports.map((number) => ({ number }))
}

interface PodSpec {
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[]
}

interface Container {
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
}
