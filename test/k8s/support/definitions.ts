import { kubectl } from '../../support/kubectl.ts'
import { waitUntil } from '../../support/wait-until.ts'

/** The kinds in our manifests besides those of Kubernetes. */
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

/** Applies the definitions of the folder KUBERNETES_CRDS, and ours, and waits until the API server serves them. */
export async function installDefinitions(): Promise<void> {
  const folder = process.env.KUBERNETES_CRDS
  if (folder) await kubectl('apply', '--server-side', '--force-conflicts', '--filename', folder)
  await kubectl(
    ...['apply', '--server-side', '--force-conflicts'],
    ...['--filename', 'charts/boxoffice-operator/files/crds'],
  )
  const ours = ['consumergroups.boxoffice.dev', 'replays.boxoffice.dev']
  const all = [...ours, ...foreignKinds].map((kind) => `crd/${kind}`)
  // Not `kubectl wait`: it gives up on a definition that has no conditions yet.
  await waitUntil('the definitions are served', async () => {
    const { items } = JSON.parse(await kubectl('get', '--output', 'json', ...all)) as { items: Definition[] }
    return items.every(isEstablished)
  })
}

interface Definition {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

function isEstablished({ status }: Definition): boolean {
  return status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false
}
