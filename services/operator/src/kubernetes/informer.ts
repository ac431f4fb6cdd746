import { isDeepStrictEqual } from 'node:util'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import { pause } from '@boxoffice/pacing'
import type { Access } from './access.ts'
import type { KubernetesApi } from './api.ts'
import { isExpired } from './api-error.ts'
import { keyOf, type Resource } from './resource.ts'
import { watchCollection } from './watch.ts'

/** A local copy of a collection: listed once, then kept up to date by a watch. */
export interface Informer<T extends Resource> {
  /** The resource of a key (`namespace/name`), undefined if there is none. It may be a moment old. */
  get(key: string): T | undefined
  list(): T[]
  /**
   * Stores the API server's result of a write over `before`, so that readers need not wait for the watch. Ignored if
   * the watch was quicker, because `before` is not known then.
   */
  put(before: T, written: T): void
  /** Whether the list is complete; before that, a missing resource may only not be known yet. */
  synced(): boolean
  /** Resolves when the watch has ended after the signal. */
  readonly stopped: Promise<void>
}

export interface InformerOptions<T extends Resource> {
  readonly access: Access
  readonly api: KubernetesApi
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly resyncIntervalMs: number
  /** Keeps the needed part of a resource; all except the managed fields unless given. */
  trim?(resource: T): T
  /**
   * Called when a resource has come or gone, when anything but its status, labels and annotations has changed, and for
   * each resource at every resync. The controller writes the status itself, and must not react to its own writes. Must
   * not throw.
   */
  onChange?(key: string): void
  readonly log: Logger
  readonly signal: AbortSignal
}

const retryMsMin = 500
const retryMsMax = 15_000
const pageSize = 500

/** Lists and watches a collection until the signal, through restarts of the API server and failures of the network. */
export function startInformer<T extends Resource>(options: InformerOptions<T>): Informer<T> {
  const { access, path, query = {}, resyncIntervalMs, onChange = () => {}, log, signal } = options
  const trim = options.trim ?? withoutManagedFields
  let known = new Map<string, T>()
  let synced = false

  async function run(): Promise<void> {
    let retryMs = retryMsMin
    while (!signal.aborted) {
      try {
        await follow(await list(), () => {
          retryMs = retryMsMin
        })
      } catch (error) {
        if (signal.aborted) return
        // An expired watch is no failure: the server asks for a new list.
        if (!isExpired(error)) log.warn({ err: error, path, retryMs }, 'cannot watch, trying again')
        await pause(retryMs * (0.75 + Math.random() / 2), signal)
        retryMs = Math.min(retryMs * 2, retryMsMax)
      }
    }
  }

  /** Lists everything, calls onChange for every resource, and returns the version to watch from. */
  async function list(): Promise<string> {
    const before = known
    const { found, version } = await listAll(options, trim)
    known = found
    synced = true
    for (const key of new Set([...before.keys(), ...found.keys()])) onChange(key)
    return version
  }

  /** Watches, each time from where the last watch ended, until it is time to list again. */
  async function follow(from: string, onHealthy: () => void): Promise<void> {
    const resyncAt = Date.now() + resyncIntervalMs
    let version = from
    while (!signal.aborted && Date.now() < resyncAt) {
      const startedAt = Date.now()
      await watchCollection({
        access,
        path,
        query: { ...query, resourceVersion: version },
        signal,
        onEvent(type, resource) {
          version = resource.metadata.resourceVersion ?? version
          onHealthy()
          if (type === 'BOOKMARK') return
          const key = keyOf(resource)
          const before = known.get(key)
          if (type === 'DELETED') known.delete(key)
          else known.set(key, trim(resource as T))
          if (type !== 'MODIFIED' || !asksForTheSame(before, resource)) onChange(key)
        },
      })
      // A pause, in case the server ends each watch at once.
      if (Date.now() - startedAt < retryMsMin) await pause(retryMsMin, signal)
    }
  }

  return {
    get: (key) => known.get(key),
    list: () => [...known.values()],
    put(before, written) {
      const key = keyOf(before)
      const { resourceVersion } = before.metadata
      if (known.get(key)?.metadata.resourceVersion === resourceVersion) known.set(key, trim(written))
    },
    synced: () => synced,
    stopped: run(),
  }
}

/** Lists a whole collection page by page, with its version. */
async function listAll<T extends Resource>(
  { api, path, query = {}, signal }: InformerOptions<T>,
  trim: (resource: T) => T,
): Promise<{ readonly found: Map<string, T>; readonly version: string }> {
  const found = new Map<string, T>()
  let from = { limit: String(pageSize) } as Record<string, string>
  let version = ''
  do {
    const page = await api.get<Page<T>>(path, { ...query, ...from }, { signal })
    for (const item of page.items ?? []) {
      // The items of a list do not repeat its kind and version.
      const resource = trim({ ...item, apiVersion: page.apiVersion, kind: page.kind.replace(/List$/, '') })
      found.set(keyOf(resource), resource)
    }
    version = page.metadata.resourceVersion
    from = page.metadata.continue ? { ...from, continue: page.metadata.continue } : {}
  } while (from.continue !== undefined)
  return { found, version }
}

interface Page<T> {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  readonly items: readonly T[] | null
}

/** Whether resource and spec are the same. In a kind with a status, the generation counts changes of the spec. */
function asksForTheSame(before: Resource | undefined, now: Resource): boolean {
  return isDeepStrictEqual(wishesOf(before), wishesOf(now))
}

function wishesOf(resource: Resource | undefined) {
  const { uid, generation, deletionTimestamp, finalizers = [] } = resource?.metadata ?? {}
  return { uid, generation, deletionTimestamp, finalizers }
}

/** Managed fields are half of a resource, and only the server needs them. */
function withoutManagedFields<T extends Resource>(resource: T): T {
  const { managedFields: _, ...metadata } = resource.metadata as T['metadata'] & { managedFields?: unknown }
  return { ...resource, metadata }
}
