import type { KubeConfig } from '@kubernetes/client-node'
// The package's index loads every API and model of Kubernetes, which is 50 MB of memory; a watch needs none of them.
import { Watch } from '@kubernetes/client-node/dist/watch.js'
import type { Access } from './access.ts'
import { ApiStatusError } from './api-error.ts'
import type { Resource } from './resource.ts'

export interface WatchOptions {
  readonly access: Access
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** ADDED, MODIFIED, DELETED or BOOKMARK; must not throw. */
  onEvent(type: string, resource: Resource): void
  readonly signal: AbortSignal
}

/** The client gives up a connection that is silent for 30 s, so the server ends each watch before. */
const watchSeconds = 25

/**
 * Watches a collection until the signal, or until the server ends the watch, as it does regularly.
 *
 * @throws ApiStatusError if the server refuses or ends it with a Status; any error if the connection breaks
 */
export async function watchCollection({ access, path, query, onEvent, signal }: WatchOptions): Promise<void> {
  signal.throwIfAborted()
  const watch = new Watch(asKubeConfig(access))
  let refusal: ApiStatusError | undefined
  let end = (): void => {}
  try {
    await new Promise<void>((resolve, reject) => {
      const done = (error: unknown): void => {
        if (refusal !== undefined) reject(refusal)
        else if (signal.aborted || isOver(error)) resolve()
        else reject(toStatusError(error))
      }
      watch
        .watch(
          path,
          { ...query, allowWatchBookmarks: true, timeoutSeconds: watchSeconds },
          (type: string, object: Resource & Partial<Refusal>) => {
            if (type !== 'ERROR') return onEvent(type, object)
            const { code = 500, reason, message = 'the watch was ended with an error' } = object
            refusal = new ApiStatusError({ code, reason, message })
          },
          done,
        )
        .then((controller) => {
          end = () => controller.abort()
          if (signal.aborted) end()
          else signal.addEventListener('abort', end, { once: true })
        }, reject)
    })
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/** Whether the server ended the watch, or it was silent for long. */
function isOver(error: unknown): boolean {
  return error === null || error === undefined || (error as Error).name === 'TimeoutError'
}

interface Refusal {
  readonly code: number
  readonly reason: string
  readonly message: string
}

/** The two methods of a KubeConfig that a watch uses. */
function asKubeConfig({ server, dispatcher, token }: Access): KubeConfig {
  const config: Pick<KubeConfig, 'getCurrentCluster' | 'applySecurityAuthentication'> = {
    getCurrentCluster: () => ({ name: 'this', server, skipTLSVerify: false }),
    async applySecurityAuthentication(context) {
      context.setHeaderParam('Authorization', `Bearer ${token()}`)
      context.setDispatcher(dispatcher)
    },
  }
  return config as KubeConfig
}

function toStatusError(error: unknown): unknown {
  const code = (error as { statusCode?: unknown }).statusCode
  return typeof code === 'number' ? new ApiStatusError({ code, message: (error as Error).message }) : error
}
