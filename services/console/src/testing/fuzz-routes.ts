import { request as httpRequest } from 'node:http'
import { awkwardTexts } from '@boxoffice/common/testing/fuzz/arbitrary-request.ts'
import fc from 'fast-check'
import type { RouteOptions } from 'fastify'

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string
  /** The path with its query; may be anything that HTTP allows. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

export type Route = Pick<RouteOptions, 'url' | 'schema'> & { readonly method: string }

/**
 * Generates requests to a route from its schemas. Each parameter is valid, awkward, missing, repeated or unknown.
 *
 * @param good - a valid value of each field, by name
 */
export function requestsTo(
  { method, url, schema = {} }: Route,
  good: Readonly<Record<string, unknown>>,
  authorization: string,
): fc.Arbitrary<WireRequest> {
  const names = (part: unknown): string[] =>
    Object.keys((part as { properties?: object } | undefined)?.properties ?? {})
  return fc
    .record({
      path: pathOf(url, good),
      query: queryOf([...names(schema.querystring), '__proto__', 'x'], good),
      body: method === 'POST' ? bodyOf(names(schema.body), good) : fc.constant(undefined),
      headers: headersWith(authorization),
    })
    .map(({ path, query, body, headers }) => ({ method, path: path + query, headers, body }))
}

function pathOf(url: string, good: Readonly<Record<string, unknown>>): fc.Arbitrary<string> {
  const parts = url.split('/').map((part) => {
    if (!part.startsWith(':')) return fc.constant(part)
    const known = String(good[part.slice(1)])
    return fc.oneof(
      { weight: 3, arbitrary: fc.constant(known) },
      awkward().map(encodeURIComponent),
      fc.constantFrom('%', '%00', '%E0%A4%A', '..', '%2e%2e', '__proto__', 'constructor'),
    )
  })
  return fc.tuple(...parts).map((written) => written.join('/'))
}

function queryOf(names: readonly string[], good: Readonly<Record<string, unknown>>): fc.Arbitrary<string> {
  const pair = fc
    .constantFrom(...names)
    .chain((name) =>
      fc
        .oneof(
          { weight: 2, arbitrary: fc.constant(encodeURIComponent(String(good[name] ?? 'x'))) },
          awkward().map(encodeURIComponent),
          fc.constantFrom('%', '%00', '%E0%A4%A', '%ud800', '+', ''),
        )
        .map((value) => `${name}=${value}`),
    )
  return fc.array(pair, { maxLength: 3 }).map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`))
}

function bodyOf(names: readonly string[], good: Readonly<Record<string, unknown>>): fc.Arbitrary<string> {
  const value = (name: string) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(good[name]) },
      awkward(),
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom<unknown>(null, -1, 1e300, 0.5, '\ud800', [], {}),
    )
  const object = fc.record(Object.fromEntries([...names, 'more'].map((name) => [name, value(name)])), {
    requiredKeys: [...names],
  })
  return fc.oneof(
    {
      weight: 6,
      arbitrary: object.map(({ more, ...rest }) => JSON.stringify(more === 1 ? { ...rest, more } : rest)),
    },
    fc.jsonValue().map((json) => JSON.stringify(json)),
    fc.constantFrom(
      '',
      '{',
      '{"__proto__":{"a":1}}',
      '{"constructor":{"prototype":{}}}',
      '\0',
      '[1,]',
      'null',
    ),
  )
}

function headersWith(authorization: string): fc.Arbitrary<Record<string, string>> {
  const printable = fc.string({ minLength: 1, maxLength: 40 })
  return fc
    .record(
      {
        'content-type': fc.oneof(
          { weight: 5, arbitrary: fc.constant('application/json') },
          fc.constantFrom(
            'text/plain',
            'application/json; charset=utf-99',
            'multipart/form-data',
            'x',
            'a/b;',
          ),
        ),
        'last-event-id': fc.oneof(fc.constantFrom('', '0', '-1', '9'.repeat(30), 'NaN'), printable),
        traceparent: printable,
        host: fc.constantFrom('localhost', '[::1', 'a b', 'x'.repeat(300)),
        'accept-encoding': printable,
        range: fc.constantFrom('bytes=0-', 'bytes=-', 'bytes=9-1,9-1', 'x'),
        'if-none-match': printable,
      },
      { requiredKeys: ['content-type'] },
    )
    .map((headers) => ({ ...headers, authorization }))
}

function awkward(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...awkwardTexts),
    fc.string({ maxLength: 40 }),
    fc.base64String({ maxLength: 80 }),
  )
}

/** Sends a request and returns its status. A stream of events is left as soon as it begins. */
export function statusOf(address: URL, { method, path, headers, body }: WireRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: address.hostname, port: address.port, method, path: asciiOf(path), headers, agent: false },
      (response) => {
        resolve(response.statusCode ?? 0)
        response.destroy()
      },
    )
    request.setTimeout(30_000, () => request.destroy(new Error(`${method} ${path} was not answered in time`)))
    request.on('error', reject)
    request.end(body)
  })
}

/** Replaces characters that Node does not send in a path. */
function asciiOf(path: string): string {
  return path.replace(/[^\x21-\x7e]/g, '_')
}
