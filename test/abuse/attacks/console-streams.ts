import { Agent, type ClientRequest, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Attack } from '../attack.ts'
import { tokenFor, untilOver } from '../callers.ts'
import { answerOf } from '../tally.ts'

const streams = 2_000
const openingAtOnce = 50

/** A viewer who opens the console's stream again and again and never reads from it. */
export const consoleStreams: Attack = {
  name: 'console-streams',
  tries: `${streams} streams of the console, never read`,
  async run(target, tally, over) {
    if (target.page === undefined) return
    const url = new URL('/api/events', target.page)
    const authorization = `Bearer ${await tokenFor(target, undefined, ['viewer'])}`
    const agent = new Agent({ keepAlive: false, maxSockets: streams })
    const opened: ClientRequest[] = []
    let opening = 0
    for (let nth = 0; nth < streams && !over.aborted; nth++) {
      while (opening >= openingAtOnce && !over.aborted) await sleep(5)
      opening += 1
      const stream = request(url, { agent, headers: { authorization, 'last-event-id': '0' } })
      let counted = false
      const answer = (name: string): void => {
        if (counted) return
        counted = true
        opening -= 1
        tally.answer(name)
      }
      stream.once('response', (response) => {
        answer(String(response.statusCode))
        response.pause()
        response.on('error', () => {
          // The console cuts the connection of a client that does not read: that is expected.
        })
      })
      stream.on('error', (error) => answer(answerOf(error)))
      stream.end()
      opened.push(stream)
    }
    await untilOver(over)
    for (const stream of opened) stream.destroy()
    agent.destroy()
  },
}
