import { clientCredentials } from '@boxoffice/common/grpc/tls.ts'
import { fromServiceError } from '@boxoffice/common/status/errors.ts'
import { Client } from '@grpc/grpc-js'
import type { Attack } from '../attack.ts'
import { untilOver } from '../callers.ts'
import { answerOf } from '../tally.ts'

const connections = 40
const streamsEach = 950
/** The batch in which streams are opened, as the attacker's own machine needs pauses. */
const streamsAtOnce = 2_000

/** A client without a token that watches the health service as often as it allows. */
export const healthWatchers: Attack = {
  name: 'health-watchers',
  tries: `${connections} × ${streamsEach} health.Watch without a token`,
  async run(target, tally, over) {
    const unchanged = (bytes: Buffer): Buffer => bytes
    let open = 0
    const clients = Array.from(
      { length: connections },
      () =>
        new Client(target.services.payment, clientCredentials(target.caFile), {
          'grpc.use_local_subchannel_pool': 1,
        }),
    )
    for (let nth = 0; nth < connections * streamsEach && !over.aborted; nth++) {
      const client = clients[nth % connections]
      if (client === undefined) break
      const stream = client.makeServerStreamRequest(
        '/grpc.health.v1.Health/Watch',
        unchanged,
        unchanged,
        Buffer.alloc(0),
        { deadline: Date.now() + 60_000 },
      )
      open += 1
      stream.once('data', () => tally.answer('OK'))
      stream.on('error', (error) => {
        open -= 1
        tally.answer(answerOf(fromServiceError(error)))
      })
      while (nth % streamsAtOnce === 0 && open > streamsAtOnce * 20 && !over.aborted)
        await new Promise((resolve) => setTimeout(resolve, 20))
      if (nth % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await untilOver(over)
    for (const client of clients) client.close()
  },
}
