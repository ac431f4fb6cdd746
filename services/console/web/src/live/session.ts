/** Where a token that somebody brought is kept: closing the tab signs out. */
const storageKey = 'boxoffice-token'

/** Handed out by the console itself, where it does that. */
let demoToken: string | undefined
/** A console that is silent for longer is out of reach. */
const signInMsMax = 10_000
let signingIn: Promise<boolean> | undefined
const listeners = new Set<(why: string) => void>()

/**
 * Fetches in the name of who is signed in. Where the console signs in by itself, a token that is refused is replaced, once;
 * where it does not, or that does not help, the listeners are told that a token is needed. The answer is returned either way.
 */
export async function fetchSignedIn(path: string, init: RequestInit = {}): Promise<Response> {
  for (let anew = false; ; anew = true) {
    await signIn()
    const token = currentToken()
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(path, { ...init, headers: { ...init.headers, ...authorization } })
    if (response.status !== 401) return response
    // Another request may have signed in meanwhile.
    if (token !== undefined && token === currentToken()) forget()
    if (anew || !(await signIn())) {
      const why = (await messageOf(response)) ?? 'The token is not accepted'
      if (currentToken() === undefined) tell(why)
      return response
    }
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

/** Signs in: with the token of before, or with a demo token where the system hands one out. False: a token is needed. */
async function signIn(): Promise<boolean> {
  if (currentToken() !== undefined) return true
  signingIn ??= signInAsDemo().finally(() => {
    signingIn = undefined
  })
  return await signingIn
}

async function signInAsDemo(): Promise<boolean> {
  const signal = AbortSignal.timeout(signInMsMax)
  const session = await fetch('/api/session', { signal })
  if (!session.ok) throw new Error(`the console does not say how to sign in: ${session.status}`)
  const { demo } = (await session.json()) as { readonly demo: boolean }
  if (!demo) return false
  const answer = await fetch('/api/session/demo', { method: 'POST', signal })
  if (!answer.ok) return false
  demoToken = ((await answer.json()) as { readonly token: string }).token
  return true
}

function currentToken(): string | undefined {
  return sessionStorage.getItem(storageKey) ?? demoToken
}

function forget(): void {
  demoToken = undefined
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
