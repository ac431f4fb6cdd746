import { getJson } from '../support/kubectl.ts'

export interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
  readonly spec: {
    readonly containers: readonly { readonly image: string }[]
    readonly initContainers?: readonly { readonly image: string }[]
  }
  readonly status: {
    readonly phase?: string
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

interface ContainerStatus {
  readonly restartCount: number
  readonly ready: boolean
}

/** The pods of one service of a release, including those that are terminating. */
export async function podsOf(namespace: string, release: string, service: string): Promise<Pod[]> {
  const selector = `app.kubernetes.io/instance=${release},app.kubernetes.io/component=${service}`
  return (await getJson('pods', '--namespace', namespace, '--selector', selector)).items
}

/** The images of a pod's sidecars and its service. */
export function imagesOf({ spec }: Pod): string[] {
  return [...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => image)
}

export function restartsOf({ status }: Pod): number {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
  return all.reduce((sum, { restartCount }) => sum + restartCount, 0)
}

export function relayOf({ status }: Pod): ContainerStatus {
  return status.initContainerStatuses?.[0] ?? { restartCount: 0, ready: false }
}
