import { fetchSignedIn } from './session.ts'

/** A request that was refused, or that reached nobody. */
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

/** An answer that takes longer is taken for lost, so that one that never comes does not hold up those behind it. */
const answerMsMax = 30_000

/** Asks the API. @throws RequestError */
export async function get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  const tooLate = AbortSignal.timeout(answerMsMax)
  return await request<Answer>(path, {
    signal: signal === undefined ? tooLate : AbortSignal.any([signal, tooLate]),
  })
}

/** Tells the API to do something. @throws RequestError */
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

/** What an error says to people. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
