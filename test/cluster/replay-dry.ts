import { randomUUID } from 'node:crypto'
import { apply, kubectl } from '../support/kubectl.ts'

/** Makes the operator request a dry run from point, and waits until it has succeeded. */
export async function replayDry(namespace: string): Promise<void> {
  const name = `dry-${randomUUID().slice(0, 8)}`
  await apply({
    apiVersion: 'boxoffice.dev/v1alpha1',
    kind: 'Replay',
    metadata: { name, namespace },
    spec: { group: 'point', from: { earliest: true }, dryRun: true },
  })
  const done = [`replay/${name}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s']
  await kubectl('wait', ...done, '--namespace', namespace)
  await kubectl('delete', 'replay', name, '--namespace', namespace, '--timeout=60s')
}
