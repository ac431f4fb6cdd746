import { fetchSignedIn } from './session.ts'

/** A request that was refused, or that did not reach the console. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly reason: string
  readonly status: number

  constructor(message: string, reason: string, status: number) {
    super(message)
    this.reason = reason
    this.status = status
  }
}

/** An answer that takes longer counts as lost, so that one that never comes does not block later ones. */
const answerMsMax = 30_000

/** Reads from the API. @throws RequestError */
export async function get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  const tooLate = AbortSignal.timeout(answerMsMax)
  return await request<Answer>(path, {
    signal: signal === undefined ? tooLate : AbortSignal.any([signal, tooLate]),
  })
}

/** Posts a request to the API. @throws RequestError */
export async function post<Answer>(path: string, body: object = {}): Promise<Answer> {
  return await request<Answer>(path, { method: 'POST', body: JSON.stringify(body) })
}

async function request<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const headers: Record<string, string> =
    init.body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetchSignedIn(path, { ...init, headers }).catch(unreachable)
  if (response.ok) return (await response.json().catch(unreachable)) as Answer
  const answer = (await response.json().catch(() => ({}))) as { message?: string; reason?: string }
  throw new RequestError(answer.message ?? 'It failed', answer.reason ?? 'UNKNOWN', response.status)
}

function unreachable(error: unknown): never {
  if (error instanceof DOMException && error.name === 'AbortError') throw error
  throw new RequestError('The console cannot be reached', 'UNREACHABLE', 0)
}

/** The text of an error, for people. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
