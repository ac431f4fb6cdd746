import { expect } from 'chai'
import kafkajs from 'kafkajs'
import { type LeaderView, waitForLeaders } from './wait-for-leaders.ts'

const { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } = kafkajs
const topics = ['point-commands']
const electing = () => protocolError('LEADER_NOT_AVAILABLE', 5, true)
const away = () => new KafkaJSConnectionError('Connection error: connect ECONNREFUSED')

describe('the wait for the leaders of topics', () => {
  for (const [what, error] of [
    ['that elects leaders still', triedOften(electing())],
    ['that starts again', triedOften(away())],
    ['that starts again, at the first try', away()],
  ] as const)
    it(`goes on where a broker is asked ${what}`, async () => {
      const answers = [error, error, false, true]
      await waitForLeaders(
        brokersThat([['a:1', 'b:2']], async () => answerOf(answers.shift() ?? true)),
        topics,
        5_000,
      )
      expect(answers).to.deep.equal([])
    })

  it('goes on where the cluster cannot say who its brokers are', async () => {
    const lists = [away(), triedOften(away()), ['a:1']]
    await waitForLeaders(
      brokersThat(lists, async () => true),
      topics,
      5_000,
    )
    expect(lists).to.deep.equal([['a:1']])
  })

  it('ends with the broker and what it said last', async () => {
    const failure = triedOften(electing())
    const view = brokersThat([['a:1', 'b:2']], async (broker) => answerOf(broker === 'a:1' ? true : failure))
    const error = await failureOf(waitForLeaders(view, topics, 100))
    expect(error.message).to.equal(
      'not every partition has a leader after 0.1 s, says broker b:2: LEADER_NOT_AVAILABLE (point-commands)',
    )
    expect(error.cause).to.equal(failure)
  })

  it('ends at once where a broker refuses for good', async () => {
    const refusal = protocolError('TOPIC_AUTHORIZATION_FAILED', 29, false)
    const view = brokersThat([['a:1']], async () => answerOf(refusal))
    expect(await failureOf(waitForLeaders(view, topics, 60_000))).to.equal(refusal)
  })
})

/** @param lists - the brokers, or why they are not known, one look after the other; the last one stays */
function brokersThat(
  lists: (readonly string[] | Error)[],
  knowsLeaders: LeaderView['knowsLeaders'],
): LeaderView {
  return {
    async brokers() {
      const list = (lists.length > 1 ? lists.shift() : lists[0]) ?? []
      if (list instanceof Error) throw list
      return list
    },
    knowsLeaders,
  }
}

function answerOf(answer: boolean | Error): boolean {
  if (answer instanceof Error) throw answer
  return answer
}

/** As KafkaJS's retrier rejects after its last try. */
function triedOften(error: Error): Error {
  return new KafkaJSNumberOfRetriesExceeded(error, { retryCount: 3, retryTime: 300 })
}

function protocolError(type: string, code: number, retriable: boolean): Error {
  return new KafkaJSProtocolError(Object.assign(new Error(type), { type, code, retriable }))
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}
