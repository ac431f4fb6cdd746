import { randomUUID } from 'node:crypto'
import type { Kafka } from '@boxoffice/kafka'
import { expect } from 'chai'
import fc from 'fast-check'
import { createJsonCodec, MessagingError, type SqlDatabase } from './index.ts'
import {
  createDeadLetters,
  createPositions,
  createReplays,
  createRestorer,
  type ReplayRange,
} from './operations.ts'

const unreached = () => expect.fail('it went to the database, or to Kafka')
const database: SqlDatabase = { transaction: unreached }
const kafka = { admin: unreached } as unknown as Kafka
const codec = createJsonCodec({})
const handler = { topics: ['orders'], codec, handle: async () => ({ outbox: [] }) }
const options = { ...{ name: 'billing', source: 'billing', database, kafka, handler }, log: console }
const restoring = {
  topics: [],
  codec,
  lineOf: () => '',
  apply: async () => ({ applied: 0, contradictions: [] }),
}

const deadLetters = createDeadLetters(options)
const replays = createReplays(options)
const positions = createPositions(options)
const restorer = createRestorer({ ...options, restoring, openHeld: unreached })

const id = randomUUID()
const [subject, reason, signal] = ['ann', 'a typo', AbortSignal.abort()]
const from = new Date(0)
const redrive = { ...{ redriveId: id, subject, signal }, selection: { case: 'filter', value: {} } } as const
const range = { consumer: 'billing', topics: [], from: { case: 'earliest' } } as const
const replay = { replayId: id, range, asked: 'all', subject }
const restore = { restoreId: id, from, acceptGone: false, subject }
const since = (value: unknown) => ({ ...range, from: value }) as ReplayRange

const badText = fc.constantFrom('', 'a\0b', undefined as unknown as string)
const badId = fc.oneof(badText, fc.string(), fc.constant(`${id} `))
const badCount = fc.oneof(
  fc.constantFrom(0, -1, 0.5, Number.NaN, Infinity, 2 ** 31, '7' as unknown as number),
  fc.double({ max: 0 }),
)
const badOffset = fc.oneof(fc.bigInt({ max: -1n }), fc.constantFrom(2n ** 63n, 1 as unknown as bigint))
const badTime = fc.constantFrom(new Date(Number.NaN), new Date(-1), 'now' as unknown as Date)
const badJson = fc.constantFrom(undefined, 1n, () => {})
const otherName = fc.string().filter((name) => name !== 'billing' && name !== 'orders')

const calls: readonly (readonly [string, MessagingError['code'], fc.Arbitrary<() => Promise<unknown>>])[] = [
  ['list, a limit', 'FIELD_VIOLATION', badCount.map((limit) => () => deadLetters.list({}, { limit }))],
  [
    'list, a place',
    'FIELD_VIOLATION',
    badOffset.map((after) => () => deadLetters.list({}, { after, limit: 1 })),
  ],
  [
    'count, a topic',
    'FIELD_VIOLATION',
    fc.constantFrom('', '\0').map((topic) => () => deadLetters.count({ topic })),
  ],
  ['get, an id', 'FIELD_VIOLATION', badId.map((one) => () => deadLetters.get(one))],
  [
    'redrive, an id',
    'FIELD_VIOLATION',
    badId.map((redriveId) => () => deadLetters.redrive({ ...redrive, redriveId })),
  ],
  [
    'redrive, a subject',
    'FIELD_VIOLATION',
    badText.map((one) => () => deadLetters.redrive({ ...redrive, subject: one })),
  ],
  [
    ...(['redrive, a bound', 'FIELD_VIOLATION'] as const),
    badCount.map((messagesMax) => () => deadLetters.redrive({ ...redrive, messagesMax })),
  ],
  [
    ...(['redrive, a dead letter', 'FIELD_VIOLATION'] as const),
    badId.map(
      (value) => () => deadLetters.redrive({ ...redrive, selection: { case: 'deadLetterId', value } }),
    ),
  ],
  [
    ...(['redrive, a consumer', 'CONSUMER_NOT_FOUND'] as const),
    otherName.map(
      (consumer) => () =>
        deadLetters.redrive({ ...redrive, selection: { case: 'filter', value: { consumer } } }),
    ),
  ],
  [
    ...(['discard, a reason', 'FIELD_VIOLATION'] as const),
    badText.map((one) => () => deadLetters.discard({ deadLetterId: id, reason: one, subject })),
  ],
  [
    ...(['discard, an id', 'FIELD_VIOLATION'] as const),
    badId.map((deadLetterId) => () => deadLetters.discard({ deadLetterId, reason, subject })),
  ],
  [
    'plan, an offset',
    'FIELD_VIOLATION',
    badOffset.map((value) => () => replays.plan(since({ case: 'offset', value }))),
  ],
  [
    'plan, a time',
    'FIELD_VIOLATION',
    badTime.map((value) => () => replays.plan(since({ case: 'time', value }))),
  ],
  [
    'plan, offsets',
    'FIELD_VIOLATION',
    fc.constant(() => replays.plan(since({ case: 'offsets', value: [] }))),
  ],
  [
    'plan, a consumer',
    'CONSUMER_NOT_FOUND',
    otherName.map((consumer) => () => replays.plan({ ...range, consumer })),
  ],
  [
    'plan, a topic',
    'CONSUMER_NOT_FOUND',
    otherName.map((topic) => () => replays.plan({ ...range, topics: [topic] })),
  ],
  [
    'start, a replay id',
    'FIELD_VIOLATION',
    badId.map((replayId) => () => replays.start({ ...replay, replayId })),
  ],
  [
    'start, what was asked',
    'FIELD_VIOLATION',
    badJson.map((asked) => () => replays.start({ ...replay, asked })),
  ],
  ['read, a replay id', 'FIELD_VIOLATION', badId.map((one) => () => replays.read(one))],
  [
    'cancel, a subject',
    'FIELD_VIOLATION',
    badText.map((one) => () => replays.cancel({ replayId: id, subject: one })),
  ],
  [
    ...(['acceptTopic, a consumer', 'CONSUMER_NOT_FOUND'] as const),
    otherName.map((consumer) => () => positions.acceptTopic({ consumer, topic: 'orders', from: 'end' })),
  ],
  [
    ...(['acceptTopic, a place', 'FIELD_VIOLATION'] as const),
    badText.map(
      (one) => () => positions.acceptTopic({ consumer: 'billing', topic: 'orders', from: one as 'end' }),
    ),
  ],
  [
    'start, a restore id',
    'FIELD_VIOLATION',
    badId.map((restoreId) => () => restorer.start({ ...restore, restoreId })),
  ],
  ['start, a time', 'FIELD_VIOLATION', badTime.map((one) => () => restorer.start({ ...restore, from: one }))],
  ['read, a restore id', 'FIELD_VIOLATION', badId.map((one) => () => restorer.read(one))],
]

describe("the operators' door of messaging, given nonsense", () => {
  for (const [what, code, call] of calls)
    it(`refuses it before anything is asked or changed: ${what}`, async () => {
      await fc.assert(
        fc.asyncProperty(call, async (work) => {
          const error = await work().then(
            () => expect.fail('it was accepted'),
            (failure: unknown) => failure,
          )
          if (!(error instanceof MessagingError)) throw error
          expect(error.code).to.equal(code)
        }),
        { numRuns: 50 },
      )
    })
})
