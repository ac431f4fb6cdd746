import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import type { Access } from './access.ts'
import { ApiStatusError } from './api-error.ts'
import type { Resource } from './resource.ts'

/** The requests that this operator sends. Each throws ApiStatusError when it is refused. */
export interface KubernetesApi {
  get<T>(path: string, query?: Query, options?: CallOptions): Promise<T>
  create<T>(path: string, body: object, options?: CallOptions): Promise<T>
  replace<T>(path: string, body: object, options?: CallOptions): Promise<T>
  /**
   * Server-side apply: declares the values of fields, and owns these fields. Fields that it declared before and no
   * longer names are removed. With a uid in the metadata it changes that very resource, and never creates another one.
   */
  apply<T>(path: string, body: object, options?: CallOptions): Promise<T>
  /** Merges fields into a resource; lists are replaced. With a resourceVersion it fails after another change. */
  merge<T>(path: string, body: object, options?: CallOptions): Promise<T>
  /** Deletes this very resource, and no later one with the same name. */
  delete(path: string, resource: Resource, options?: CallOptions): Promise<void>
}

export type Query = Readonly<Record<string, string>>

export interface CallOptions {
  readonly signal?: AbortSignal
}

export interface ApiOptions {
  readonly access: Access
  /** The owner of the applied fields. */
  readonly fieldManager: string
  /** Called for each answer; `0` means no answer. */
  onAnswer?(method: string, code: number): void
}

const requestTimeoutMs = 15_000
/** After this many attempts at a busy server the caller's own backoff decides. */
const attemptsMax = 4
const retryAfterMsMax = 10_000

export function createApi({ access, fieldManager, onAnswer = () => {} }: ApiOptions): KubernetesApi {
  const call = async (method: Method, path: string, sent: Sent = {}): Promise<unknown> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(access, method, path, sent, onAnswer)
      } catch (error) {
        const waitMs = error instanceof ApiStatusError ? error.retryAfterMs : undefined
        if (waitMs === undefined || attempt === attemptsMax) throw error
        // Spread, as a busy server may have given many clients the same time.
        await sleep(waitMs * (1 + Math.random() / 4), undefined, {
          ...(sent.signal === undefined ? {} : { signal: sent.signal }),
        })
      }
    }
  }
  return {
    get: async <T>(path: string, query: Query = {}, options: CallOptions = {}) =>
      (await call('GET', path, { query, ...options })) as T,
    create: async <T>(path: string, body: object, options: CallOptions = {}) =>
      (await call('POST', path, { body, query: { fieldManager }, ...options })) as T,
    replace: async <T>(path: string, body: object, options: CallOptions = {}) =>
      (await call('PUT', path, { body, query: { fieldManager }, ...options })) as T,
    apply: async <T>(path: string, body: object, options: CallOptions = {}) =>
      (await call('PATCH', path, {
        body,
        query: { fieldManager, force: 'true' },
        contentType: 'application/apply-patch+yaml',
        ...options,
      })) as T,
    merge: async <T>(path: string, body: object, options: CallOptions = {}) =>
      (await call('PATCH', path, {
        body,
        query: { fieldManager },
        contentType: 'application/merge-patch+json',
        ...options,
      })) as T,
    async delete(path, { metadata: { uid } }, options = {}) {
      await call('DELETE', path, { body: { preconditions: { uid } }, ...options })
    },
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

interface Sent extends CallOptions {
  readonly query?: Query
  readonly body?: object
  readonly contentType?: string
}

async function once(
  access: Access,
  method: Method,
  path: string,
  { query = {}, body, contentType = 'application/json', signal }: Sent,
  onAnswer: (method: string, code: number) => void,
): Promise<unknown> {
  const url = new URL(path, access.server)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  const timeout = AbortSignal.timeout(requestTimeoutMs)
  try {
    const response = await request(url, {
      method,
      dispatcher: access.dispatcher,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      headers: {
        authorization: `Bearer ${access.token()}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.body.text()
    onAnswer(method, response.statusCode)
    if (response.statusCode < 300) return JSON.parse(text)
    throw refusalOf(response.statusCode, text, response.headers['retry-after'])
  } catch (error) {
    if (!(error instanceof ApiStatusError)) onAnswer(method, 0)
    throw error
  }
}

function refusalOf(code: number, text: string, retryAfter: string | string[] | undefined): ApiStatusError {
  const seconds = Number(retryAfter)
  const isBusy = code === 429 || code === 503
  // 429 and 503 come with the seconds to wait; without them, a second is polite.
  const waitMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 1_000
  const retryAfterMs = isBusy ? Math.min(waitMs, retryAfterMsMax) : undefined
  try {
    const { reason, message } = JSON.parse(text) as { reason?: string; message?: string }
    return new ApiStatusError({ code, reason, message: message ?? `HTTP ${code}`, retryAfterMs })
  } catch {
    // The text is not the API server's: it is from a proxy, or from a server that is shutting down.
    return new ApiStatusError({ code, message: `HTTP ${code}: ${text.slice(0, 200)}`, retryAfterMs })
  }
}
