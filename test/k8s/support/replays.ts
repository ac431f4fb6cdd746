import { apply, findJson } from '../../support/kubectl.ts'
import { waitUntil } from '../../support/wait-until.ts'

export interface ReplaySpec {
  readonly group: string
  readonly topics?: readonly string[]
  readonly from: { readonly earliest?: boolean; readonly time?: string; readonly offset?: number }
  readonly dryRun?: boolean
}

export function replayOf(namespace: string, name: string, spec: object) {
  return { apiVersion: 'boxoffice.dev/v1alpha1', kind: 'Replay', metadata: { name, namespace }, spec }
}

/** Creates a replay and waits until it is over, or as wanted. */
export async function makeReplay(
  namespace: string,
  name: string,
  spec: ReplaySpec,
  // biome-ignore lint/suspicious/noExplicitAny: a resource of the cluster
  isAsWanted: (replay: any) => boolean = ({ status }) =>
    ['Succeeded', 'Failed', 'Cancelled'].includes(status?.phase),
) {
  await apply(replayOf(namespace, name, spec))
  return await untilReplay(namespace, name, isAsWanted)
}

/** Waits until a replay is as wanted, and returns it. */
export async function untilReplay(
  namespace: string,
  name: string,
  // biome-ignore lint/suspicious/noExplicitAny: a resource of the cluster
  isAsWanted: (replay: any) => boolean,
) {
  return await waitUntil(
    `the replay ${name} is as wanted`,
    async () => {
      const found = await findJson('replay', name, '--namespace', namespace)
      return found !== undefined && isAsWanted(found) && found
    },
    { deadlineMs: 60_000, pollMs: 100 },
  )
}
