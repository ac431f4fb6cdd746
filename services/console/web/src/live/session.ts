/** The key of the stored token, which was entered or came from a link: closing the tab signs out. */
const storageKey = 'boxoffice-token'

/** The code of the link by which the page was opened; used once. */
let code: string | undefined
/** Why the code was refused, until that has been reported. */
let refusal: string | undefined
/** A console that does not answer for longer counts as unreachable. */
const signInMsMax = 10_000
let signingIn: Promise<void> | undefined
const listeners = new Set<(why: string) => void>()

/**
 * Takes the code out of the address with which the page was opened, so that neither the address bar nor the history
 * keeps it. The code is in the fragment, which no request and no referrer contains.
 */
export function takeCode(): void {
  if (!hasCode()) return
  code = location.hash.slice(codePrefix.length)
  history.replaceState(null, '', '#/')
}

/** Whether the address is that of a link. */
export function hasCode(): boolean {
  return location.hash.startsWith(codePrefix)
}

const codePrefix = '#sign-in='

/**
 * Fetches in the name of the user who is signed in. A refused token is forgotten, and the listeners learn that one is
 * needed. The answer is returned either way.
 */
export async function fetchSignedIn(path: string, init: RequestInit = {}): Promise<Response> {
  signingIn ??= redeemCode().finally(() => {
    signingIn = undefined
  })
  await signingIn
  const token = currentToken()
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetchAdmitted(path, { ...init, headers: { ...init.headers, ...authorization } })
  if (response.status !== 401) return response
  // Another request may have got a new token in the meantime.
  if (token !== undefined && token === currentToken()) forget()
  if (currentToken() === undefined) {
    const why = refusal ?? (await messageOf(response)) ?? 'The token is not accepted'
    refusal = undefined
    notify(why)
  }
  return response
}

/** Whether this console signs in by links. */
export async function signsInByLinks(): Promise<boolean> {
  const session = await fetch('/api/session', { signal: AbortSignal.timeout(signInMsMax) })
  return session.ok && ((await session.json()) as { readonly demo: boolean }).demo
}

/** The number of retries of a request that was not admitted, and the longest pause before each. */
const retriesMax = 3
const pauseMsMax = 5_000

/** Repeats a request that was not admitted (429), and so had no effect, after the pause that the answer asks for. */
async function fetchAdmitted(path: string, init: RequestInit): Promise<Response> {
  for (let retries = 0; ; retries++) {
    const response = await fetch(path, init)
    const afterS = Number(response.headers.get('retry-after') ?? Number.NaN)
    if (response.status !== 429 || Number.isNaN(afterS) || retries >= retriesMax) return response
    const pauseMs = Math.min(afterS * 1_000 * (1 + Math.random()), pauseMsMax)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    init.signal?.throwIfAborted()
  }
}

/** Calls the listener with the reason whenever a token is needed. Returns a function that removes it. */
export function onSignedOut(listener: (why: string) => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Uses this token from now on. */
export function useToken(text: string): void {
  sessionStorage.setItem(storageKey, text.trim())
}

/** Whether there is a token, so that the user can sign out. */
export function hasToken(): boolean {
  return sessionStorage.getItem(storageKey) !== null
}

/** Forgets the token. */
export function signOut(why: string): void {
  forget()
  notify(why)
}

/** Redeems the code of a link. If the code is refused, the earlier token stays. */
async function redeemCode(): Promise<void> {
  if (code === undefined) return
  const body = JSON.stringify({ code })
  const headers = { 'content-type': 'application/json' }
  const signal = AbortSignal.timeout(signInMsMax)
  const answer = await fetch('/api/session/demo', { method: 'POST', headers, body, signal })
  // If the console cannot be reached, the code stays valid: fetch throws before this line.
  code = undefined
  if (answer.ok) useToken(((await answer.json()) as { readonly token: string }).token)
  else refusal = await messageOf(answer)
}

function currentToken(): string | undefined {
  return sessionStorage.getItem(storageKey) ?? undefined
}

function forget(): void {
  sessionStorage.removeItem(storageKey)
}

function notify(why: string): void {
  for (const listener of listeners) listener(why)
}

async function messageOf(response: Response): Promise<string | undefined> {
  const answer = (await response
    .clone()
    .json()
    .catch(() => ({}))) as { readonly message?: string }
  return answer.message
}
