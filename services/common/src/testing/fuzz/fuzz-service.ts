import { createHash, createHmac } from 'node:crypto'
import { create, type DescMethod, type DescService, toBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import fc from 'fast-check'
import { awkwardTexts, requestBytes } from './arbitrary-request.ts'
import { connectRaw, type RawConnection } from './raw-call.ts'

/** A service that is served with its real handlers on a real database. */
export interface FuzzedService {
  readonly address: string
  /** The token of a caller with every role that the service asks for. */
  readonly token: string
  /** Ids and texts that the service knows, so that a call gets far. */
  readonly samples: readonly string[]
  /** Accepted requests, by method name, for methods that need more than what is found by chance. */
  readonly templates?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const runs = Number(process.env.FUZZ_RUNS ?? 50)
/** Printed with every failure; `FUZZ_SEED` repeats it. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
export const fuzzSettings = { numRuns: runs, seed, endOnFailure: true }

/** Of a call with arbitrary bytes: these may ask Checkout, within its rules, to wait for a minute. */
const deadline = '2S'

/** Codes that mean a fault of the server. No bytes of a caller may lead to one. */
const defects: readonly string[] = ['INTERNAL', 'UNKNOWN', 'DATA_LOSS', 'UNIMPLEMENTED']

/**
 * Adds tests of every method of a service to the present `describe`: whatever a caller sends, it never causes a defect
 * of ours, and a page token that the service did not create is always refused as such.
 *
 * @param started - returns the service, once the suite runs
 */
export function fuzzService(service: DescService, started: () => FuzzedService): void {
  let raw: RawConnection
  before(() => {
    raw = connectRaw(started().address)
  })
  after(() => raw?.close())

  const send = (method: DescMethod, headers: Readonly<Record<string, string>>, bytes: Uint8Array) =>
    raw.call(`/${service.typeName}/${method.name}`, headers, bytes)
  const seedsOf = ({ name }: DescMethod) => {
    const { samples, templates = {} } = started()
    return { samples, template: templates[name] }
  }
  const authorization = () => `Bearer ${started().token}`

  for (const method of service.methods) {
    it(`${method.name} answers any bytes without a fault of the server`, async () => {
      await fc.assert(
        fc.asyncProperty(requestBytes(method.input, seedsOf(method)), async (bytes) => {
          const headers = { authorization: authorization(), 'grpc-timeout': deadline }
          const answer = await send(method, headers, bytes)
          expect(answer.code, answer.message).to.not.be.oneOf(defects)
        }),
        fuzzSettings,
      )
    })

    it(`${method.name} answers any metadata without a fault of the server`, async () => {
      await fc.assert(
        fc.asyncProperty(metadata(authorization()), async (headers) => {
          const answer = await send(method, headers, new Uint8Array())
          expect(answer.code, answer.message).to.not.be.oneOf(defects)
        }),
        fuzzSettings,
      )
    })

    if (method.input.fields.some(({ name }) => name === 'page_token')) {
      it(`${method.name} refuses every page token that it did not create`, async () => {
        const { templates = {} } = started()
        await fc.assert(
          fc.asyncProperty(forgedToken(method, started().samples), async (pageToken) => {
            const request = create(method.input, { ...templates[method.name], pageToken })
            const answer = await send(
              method,
              { authorization: authorization() },
              toBinary(method.input, request),
            )
            expect(`${answer.code} ${answer.reason}`).to.equal('INVALID_ARGUMENT PAGE_TOKEN_INVALID')
          }),
          fuzzSettings,
        )
      })
    }
  }
}

/** Tokens that an attacker who has read the sources might forge, and tokens that are just typed. */
function forgedToken({ input, name }: DescMethod, samples: readonly string[]): fc.Arbitrary<string> {
  const cursor = fc.oneof(
    fc.constantFrom(
      ...awkwardTexts,
      '1',
      '0',
      '2026-11-29T17:00:00.000Z/00000000-0000-4000-a000-000000000000',
    ),
    fc.bigInt().map(String),
    fc.string({ maxLength: 100 }),
  )
  const digest = fc.oneof(
    fc
      .constantFrom(
        ...['olga', ...samples].flatMap((subject) =>
          [name, input.typeName].map((list) => [list, subject] as const),
        ),
      )
      .map(([list, subject]) => (content: Buffer) => {
        const known = Buffer.concat([Buffer.from(`page-token 1\0${list}\0${subject}\0`), content])
        return [
          createHash('sha256').update(known).digest().subarray(0, 16),
          createHmac('sha256', '').update(known).digest(),
        ]
      }),
    fc.uint8Array({ minLength: 0, maxLength: 40 }).map((bytes) => () => [Buffer.from(bytes)]),
  )
  const made = fc.tuple(cursor, digest, fc.nat(1)).map(([text, digestsOf, nth]) => {
    const content = Buffer.from(text)
    const digests = digestsOf(content)
    return Buffer.concat([digests[nth % digests.length] ?? Buffer.alloc(0), content]).toString('base64url')
  })
  return fc
    .oneof(made, cursor, fc.base64String({ maxLength: 120 }))
    .filter((token) => token !== '' && [...token].length <= 512 && token.isWellFormed())
}

/** Headers that HTTP/2 allows. */
function metadata(authorization: string): fc.Arbitrary<Record<string, string>> {
  const value = fc.string({ minLength: 1, maxLength: 60 }).map((text) => text.trim() || 'x')
  const [scheme = '', token = ''] = authorization.split(' ')
  const [head = '', body = '', signature = ''] = token.split('.')
  const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const authorizations = fc.oneof(
    fc.constant(authorization),
    value,
    value.map((text) => `${scheme} ${text.replaceAll(' ', '')}`),
    fc.constantFrom(
      `${scheme} ${head}.${body}.`,
      `${scheme} ${head}.${body}.${signature.slice(1)}`,
      `${scheme} ${encoded({ alg: 'none' })}.${body}.`,
      `${scheme} ${encoded({ alg: 'HS256', kid: 'test' })}.${body}.${signature}`,
      `${scheme} ${encoded({ alg: 'ES256', kid: 'test', crit: ['x'], x: 1 })}.${body}.${signature}`,
      `${scheme} ${encoded({ alg: 'ES256', kid: 'test', b64: false, crit: ['b64'] })}.${body}.${signature}`,
      `${scheme} ${encoded({ alg: 'RS256', kid: 'test' })}.${body}.${signature}`,
      `${scheme} ${encoded({ alg: 'ES256', kid: '__proto__' })}.${body}.${signature}`,
      `${scheme} ${encoded([])}.${encoded([])}.${signature}`,
      `${scheme} ..`,
      `${scheme} ${'a'.repeat(9_000)}`,
    ),
  )
  const timeouts = fc.constantFrom(
    '1S',
    '99999999H',
    '0n',
    '-1S',
    '1',
    'S',
    'NaN',
    '1e9S',
    '999999999999S',
    '',
  )
  return fc.record(
    {
      authorization: authorizations,
      traceparent: fc.oneof(
        value,
        fc.constantFrom(
          '00-00000000000000000000000000000000-0000000000000000-00',
          'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
          '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-follows',
        ),
      ),
      'grpc-timeout': timeouts,
      'x-awkward-bin': value,
      __proto__x: value,
    },
    { requiredKeys: [] },
  )
}
