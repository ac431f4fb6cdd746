import { randomUUID } from 'node:crypto'
import { apply, kubectl, tryKubectl } from '../../support/kubectl.ts'

/** Creates a namespace that admits only pods under the Pod Security Standard `restricted`. */
export async function makeNamespace(prefix: string): Promise<string> {
  const name = `${prefix}-${randomUUID().slice(0, 8)}`
  const enforce = 'pod-security.kubernetes.io/enforce'
  await apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { [enforce]: 'restricted', [`${enforce}-version`]: 'latest' } },
  })
  return name
}

/**
 * Removes a namespace with everything in it. A cluster without a controller manager would not empty and finalize it.
 */
export async function removeNamespace(name: string): Promise<void> {
  const kinds = (await kubectl('api-resources', '--namespaced', '--verbs=delete,list', '--output=name'))
    .trim()
    .split('\n')
    .filter((kind) => !kind.startsWith('events'))
  const release = JSON.stringify({ metadata: { finalizers: null } })
  const replays = await tryKubectl(['get', 'replays', '--namespace', name, '--output', 'name'])
  for (const replay of replays.stdout.split('\n').filter((line) => line !== '')) {
    await tryKubectl(['patch', replay, '--namespace', name, '--type', 'merge', '--patch', release])
  }
  await tryKubectl(['delete', kinds.join(','), '--all', '--namespace', name, '--wait=false'])
  await tryKubectl(['delete', 'events.events.k8s.io', '--all', '--namespace', name, '--wait=false'])
  await tryKubectl(['delete', 'namespace', name, '--wait=false'])
  const finalized = { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: { finalizers: [] } }
  await tryKubectl(
    ['replace', '--raw', `/api/v1/namespaces/${name}/finalize`, '--filename', '-'],
    JSON.stringify(finalized),
  )
}
