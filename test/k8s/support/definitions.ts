import { kubectl } from './kubectl.ts'

/** The kinds that our manifests are made of, besides those of Kubernetes. */
const foreignKinds = [
  'kafkas.kafka.strimzi.io',
  'kafkanodepools.kafka.strimzi.io',
  'kafkatopics.kafka.strimzi.io',
  'kafkausers.kafka.strimzi.io',
  'clusters.postgresql.cnpg.io',
  'scaledobjects.keda.sh',
  'certificates.cert-manager.io',
  'podmonitors.monitoring.coreos.com',
  'prometheusrules.monitoring.coreos.com',
]

/** Applies the definitions of the folder that was named, and ours, and waits until the API server serves them. */
export async function installDefinitions(): Promise<void> {
  const folder = process.env.KUBERNETES_CRDS
  if (folder) await kubectl('apply', '--server-side', '--force-conflicts', '--filename', folder)
  await kubectl(
    ...['apply', '--server-side', '--force-conflicts'],
    ...['--filename', 'charts/boxoffice-operator/files/crds'],
  )
  const ours = ['consumergroups.boxoffice.dev', 'replays.boxoffice.dev']
  const all = [...ours, ...foreignKinds].map((kind) => `crd/${kind}`)
  await kubectl('wait', '--for=condition=Established', '--timeout=30s', ...all)
}
