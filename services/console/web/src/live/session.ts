/** Where the token of this tab is kept: closing the tab signs out. */
const storageKey = 'boxoffice-token'

let token: string | null = sessionStorage.getItem(storageKey)
let signingIn: Promise<boolean> | undefined

/** Signs in: with the token of before, or with a demo token where the system hands one out. False: a token is needed. */
export async function signIn(): Promise<boolean> {
  if (token !== null) return true
  signingIn ??= signInAsDemo().finally(() => {
    signingIn = undefined
  })
  return await signingIn
}

async function signInAsDemo(): Promise<boolean> {
  const { demo } = (await (await fetch('/api/session')).json()) as { readonly demo: boolean }
  if (!demo) return false
  const answer = await fetch('/api/session/demo', { method: 'POST' })
  if (!answer.ok) return false
  useToken(((await answer.json()) as { readonly token: string }).token)
  return true
}

export function useToken(text: string): void {
  token = text.trim()
  sessionStorage.setItem(storageKey, token)
}

/** Forgets the token: it has expired, or is not accepted. */
export function signOut(): void {
  token = null
  sessionStorage.removeItem(storageKey)
}

export function authorization(): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` }
}
