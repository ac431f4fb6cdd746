import { readTarget } from './target.ts'

// node scripts/smoke/page-opens.ts: the console's page is there, and its API asks who looks. Without a key to sign a viewer's
// token with, nothing more; it may run in production.
const { page, client } = readTarget()
const html = await open('/')
if (html.status !== 200 || !/<script[^>]* src="\/assets\//.test(html.text))
  throw new Error(`the page should have been there: ${html.status} ${html.text.slice(0, 200)}`)
console.log('the page opens')
expectStatus(await open('/api/overview'), 401)
console.log('its API asks who looks')
if (process.env.BOXOFFICE_TOKEN_KEY) {
  const authorization = `Bearer ${await client('smoke', ['viewer']).token?.()}`
  expectStatus(await open('/api/overview', { authorization }), 200)
  console.log('who may look is shown how things stand')
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
