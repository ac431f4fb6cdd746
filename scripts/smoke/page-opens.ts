import { readTarget } from './target.ts'

// node scripts/smoke/page-opens.ts: checks that the console serves its page, and that its API asks for a token. With a
// key, it also checks that a viewer's token is accepted; without one it may run in production.
const { page, client } = readTarget()
const html = await open('/')
if (html.status !== 200 || !/<script[^>]* src="\/assets\//.test(html.text))
  throw new Error(`the page should have been served: ${html.status} ${html.text.slice(0, 200)}`)
console.log('the page opens')
expectStatus(await open('/api/overview'), 401)
console.log('its API asks for a token')
if (process.env.BOXOFFICE_TOKEN_KEY) {
  const authorization = `Bearer ${await client('smoke', ['viewer']).token?.()}`
  expectStatus(await open('/api/overview', { authorization }), 200)
  console.log('a viewer gets the overview')
}

async function open(path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(new URL(path, page()), { headers, signal: AbortSignal.timeout(30_000) })
  return { status: response.status, text: await response.text() }
}

function expectStatus(
  { status, text }: { readonly status: number; readonly text: string },
  wanted: number,
): void {
  if (status !== wanted)
    throw new Error(`${wanted} should have been answered, not ${status}: ${text.slice(0, 500)}`)
}
