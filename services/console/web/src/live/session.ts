/** Where a token that was brought, or that a link gave, is kept: closing the tab signs out. */
const storageKey = 'boxoffice-token'

/** The code of the link by which the page was opened; used once. */
let code: string | undefined
/** Why it was not taken, until that has been told. */
let refusal: string | undefined
/** A console that is silent for longer is out of reach. */
const signInMsMax = 10_000
let signingIn: Promise<void> | undefined
const listeners = new Set<(why: string) => void>()

/**
 * Takes the code out of the address by which the page was opened, so that neither the address bar nor the history keeps it. It is in
 * the fragment, which no request and no referrer has.
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
 * Fetches in the name of who is signed in. A token that is refused is forgotten, and the listeners are told that one is needed; the
 * answer is returned either way.
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
  // Another request may have met with a fresh one meanwhile.
  if (token !== undefined && token === currentToken()) forget()
  if (currentToken() === undefined) {
    const why = refusal ?? (await messageOf(response)) ?? 'The token is not accepted'
    refusal = undefined
    tell(why)
  }
  return response
}

/** Whether this console signs in by links. */
export async function signsInByLinks(): Promise<boolean> {
  const session = await fetch('/api/session', { signal: AbortSignal.timeout(signInMsMax) })
  return session.ok && ((await session.json()) as { readonly demo: boolean }).demo
}

/** How often a request is made again that was not let in, and the longest pause. */
const retriesMax = 3
const pauseMsMax = 5_000

/** Nothing was done for a request that was not let in (429): it is made again after the pause that the answer asks for. */
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

/** Tells the listener whenever a token is needed, and why. Returns what ends that. */
export function onSignedOut(listener: (why: string) => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Goes on with this token. */
export function useToken(text: string): void {
  sessionStorage.setItem(storageKey, text.trim())
}

/** Whether somebody brought a token, and may take it away. */
export function hasToken(): boolean {
  return sessionStorage.getItem(storageKey) !== null
}

/** Forgets the token. */
export function signOut(why: string): void {
  forget()
  tell(why)
}

/** A code that is not taken leaves the token of before. */
async function redeemCode(): Promise<void> {
  if (code === undefined) return
  const body = JSON.stringify({ code })
  const headers = { 'content-type': 'application/json' }
  const signal = AbortSignal.timeout(signInMsMax)
  const answer = await fetch('/api/session/demo', { method: 'POST', headers, body, signal })
  // While the console is away the code is still good.
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

function tell(why: string): void {
  for (const listener of listeners) listener(why)
}

async function messageOf(response: Response): Promise<string | undefined> {
  const answer = (await response
    .clone()
    .json()
    .catch(() => ({}))) as { readonly message?: string }
  return answer.message
}
