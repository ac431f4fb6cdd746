import { setTimeout as sleep } from 'node:timers/promises'
import type { History } from '../history.ts'
import { randomOf } from '../random.ts'
import type { World } from '../world.ts'
import { openBoxOffice } from './box-office.ts'
import { buyForEver } from './buyer.ts'
import { clientsOf } from './client.ts'

export interface Load {
  /** Begins no new purchases, and waits for a bounded time until those under way have ended. */
  stop(): Promise<void>
}

const users = 8
const buyersPerUser = 2
const callDeadlineMs = 5_000
const stopMsMax = 15_000

/** Starts buyers; two of them share each wallet. What they do follows from the seed and from the answers they get. */
export async function startLoad(world: World, history: History, seed: number): Promise<Load> {
  const office = await openBoxOffice(world.system)
  const over = new AbortController()
  const userIds = Array.from({ length: users }, (_, nth) => `user-${seed}-${nth + 1}`)
  const clients = await Promise.all(userIds.map((userId) => clientsOf(world, userId, callDeadlineMs)))
  const buying = clients.flatMap((own, user) =>
    Array.from({ length: buyersPerUser }, (_, nth) =>
      buyForEver({
        name: `buyer-${user + 1}-${nth + 1}`,
        userId: userIds[user] ?? '',
        clients: own,
        history,
        office,
        random: randomOf(seed * 1_000 + user * buyersPerUser + nth),
        over: over.signal,
      }),
    ),
  )
  const all = Promise.all(buying)
  // A buyer that fails is a defect of the harness: stop() throws its error.
  all.catch(() => {})
  return {
    async stop() {
      over.abort()
      await Promise.race([all, sleep(stopMsMax, undefined, { ref: false })])
      for (const own of clients) own.close()
    },
  }
}
