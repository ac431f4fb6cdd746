import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { Agent } from 'undici'
import type { Access } from '../kubernetes/access.ts'
import { createApi, type KubernetesApi } from '../kubernetes/api.ts'
import { keyOf, type Metadata } from '../kubernetes/resource.ts'
import type { ReplayResource, ReplayStatus } from '../replays/resource.ts'

/** The part of an API server that replays need, over HTTP: lists, watches, and refuses writes over old versions. */
export interface FakeApiServer {
  readonly access: Access
  readonly api: KubernetesApi
  /** Every status that was written, in order. */
  readonly statuses: readonly ReplayStatus[]
  get(key: string): ReplayResource | undefined
  make(name: string, spec: ReplayResource['spec']): void
  /** Deletes like `kubectl delete`: the resource goes when it has no finalizer any more. */
  delete(key: string): void
  stop(): Promise<void>
}

const namespace = 'boxoffice'
const apiVersion = 'boxoffice.dev/v1alpha1'

/** Stores replays as an API server does: each write makes a version, which every watch gets. */
function createReplayStore() {
  const known = new Map<string, ReplayResource>()
  const history: { readonly version: number; readonly line: string }[] = []
  const watchers = new Set<ServerResponse>()
  let version = 0

  function publish(type: string, resource: ReplayResource): void {
    const line = `${JSON.stringify({ type, object: resource })}\n`
    history.push({ version, line })
    for (const watcher of watchers) watcher.write(line)
  }

  function store(type: 'ADDED' | 'MODIFIED', resource: ReplayResource): ReplayResource {
    version += 1
    const stored = { ...resource, metadata: { ...resource.metadata, resourceVersion: String(version) } }
    const { deletionTimestamp, finalizers = [] } = stored.metadata
    const isGone = deletionTimestamp !== undefined && finalizers.length === 0
    if (isGone) known.delete(keyOf(stored))
    else known.set(keyOf(stored), stored)
    publish(isGone ? 'DELETED' : type, stored)
    return stored
  }

  return {
    get: (key: string) => known.get(key),
    store,
    merge: (resource: ReplayResource, metadata: Partial<Metadata>): ReplayResource =>
      store('MODIFIED', { ...resource, metadata: { ...resource.metadata, ...metadata } }),
    list: () => ({
      apiVersion,
      kind: 'ReplayList',
      metadata: { resourceVersion: String(version) },
      items: [...known.values()],
    }),
    watch(from: number, watcher: ServerResponse): void {
      for (const { version: at, line } of history) if (at > from) watcher.write(line)
      watchers.add(watcher)
      watcher.on('close', () => watchers.delete(watcher))
    },
  }
}

export async function startFakeApiServer(): Promise<FakeApiServer> {
  const replays = createReplayStore()
  const statuses: ReplayStatus[] = []

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://a')
    if (request.method === 'GET' && url.searchParams.has('watch')) {
      response.writeHead(200).flushHeaders()
      replays.watch(Number(url.searchParams.get('resourceVersion')), response)
      return
    }
    const [code, body] = request.method === 'GET' ? [200, replays.list()] : patch(url, await json(request))
    response.writeHead(code).end(JSON.stringify(body))
  }

  function patch(url: URL, body: unknown): [number, object] {
    const [, name, part] = /\/replays\/([^/]+)(\/status)?$/.exec(url.pathname) ?? []
    const resource = replays.get(`${namespace}/${name}`)
    if (resource === undefined) return [404, { reason: 'NotFound' }]
    const { metadata, status } = body as Pick<ReplayResource, 'metadata' | 'status'>
    if (metadata.resourceVersion !== resource.metadata.resourceVersion) return [409, { reason: 'Conflict' }]
    if (part === undefined || status === undefined) return [200, replays.merge(resource, metadata)]
    statuses.push(status)
    return [200, replays.store('MODIFIED', { ...resource, status })]
  }

  const server: Server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const dispatcher = new Agent()
  const access: Access = {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    namespace,
    dispatcher,
    token: () => 't',
    close: () => dispatcher.destroy(),
  }
  return {
    access,
    api: createApi({ access, fieldManager: 'operator' }),
    statuses,
    get: replays.get,
    make(name, spec) {
      const metadata = { name, namespace, uid: `uid-of-${name}`, generation: 1 }
      replays.store('ADDED', { apiVersion, kind: 'Replay', metadata, spec })
    },
    delete(key) {
      const resource = replays.get(key)
      if (resource !== undefined)
        replays.merge(resource, { generation: 2, deletionTimestamp: '2026-11-23T10:00:00Z' })
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await dispatcher.destroy()
    },
  }
}
