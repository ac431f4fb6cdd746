import type { Resource } from './kubernetes/resource.ts'

/** The part of a Pod that maps an IP to its name. */
export interface Pod extends Resource {
  readonly podIP?: string
}

interface FullPod extends Pod {
  readonly spec?: { readonly hostNetwork?: boolean }
  readonly status?: { readonly podIP?: string; readonly phase?: string }
}

/** Selects the pods of Boxoffice only. */
export const podSelector = 'app.kubernetes.io/part-of=boxoffice'

/** Keeps a hundredth of a pod. The address is left out if it is the node's, or free for other pods again. */
export function trimPod(pod: Pod): Pod {
  const { apiVersion, kind, metadata, spec, status } = pod as FullPod
  const { name, namespace, resourceVersion } = metadata
  const hasOwnAddress = spec?.hostNetwork !== true && status?.phase === 'Running'
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace && { namespace }), ...(resourceVersion && { resourceVersion }) },
    ...(hasOwnAddress && status?.podIP !== undefined ? { podIP: status.podIP } : {}),
  }
}

/** The pod with an address; undefined if none or several have it. */
export function podAt(pods: readonly Pod[], host: string): string | undefined {
  const [pod, ...others] = pods.filter(({ podIP }) => podIP === host)
  return others.length === 0 ? pod?.metadata.name : undefined
}
