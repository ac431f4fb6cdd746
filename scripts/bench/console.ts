import type { Progress } from '../start/progress.ts'
import { atOnce } from './at-once.ts'
import { buy, openCheckout } from './buy.ts'
import type { BenchOptions } from './options.ts'
import { measurePage, openPayments, type PageFigures } from './page.ts'
import { prepareBuyers } from './prepare.ts'
import { measureStreams, type StreamFigures, streamed } from './streams.ts'
import { startOwnSystem } from './system-under-test.ts'
import { verifyBooks } from './verify-books.ts'

export interface ConsoleFigures {
  readonly page?: PageFigures
  readonly streams?: StreamFigures
}

const warmUp = { checkouts: 300, callers: 16 }

/** Measures the console beside a system of its own, while tickets are bought. */
export async function measureConsole(
  { scenarios, rate, seconds }: BenchOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<ConsoleFigures> {
  const chosen = { page: scenarios.includes('page'), streams: scenarios.includes('streams') }
  const counts = {
    page: chosen.page ? rate * seconds : 0,
    streams: chosen.streams ? streamed.checkoutsPerSecond * streamed.seconds : 0,
  }
  // The times of commits come from PostgreSQL, which does not record them by default.
  const postgresSettings = { track_commit_timestamp: 'on' }
  const system = await startOwnSystem(progress, signal, { consoles: 1, postgresSettings })
  const client = openCheckout(system)
  let shown: Awaited<ReturnType<typeof openPayments>> | undefined
  try {
    if (chosen.page) shown = await openPayments(system)
    const prepared = progress.step('buyers')
    const buyers = await prepareBuyers(system, warmUp.checkouts + counts.page + counts.streams, signal)
    prepared(`${buyers.length} users, charges and holds`)
    const warm = progress.step('warm-up')
    await atOnce(warmUp.callers, buyers.splice(0, warmUp.checkouts), (buyer) => buy(client, buyer, signal))
    warm(`${warmUp.checkouts} checkouts, not counted`)
    const load = (count: number) => ({ client, signal, buyers: buyers.splice(0, count) })
    const page = shown && (await measurePage(system, shown.page, load(counts.page), rate, progress))
    await shown?.close()
    const streams = chosen.streams ? await measureStreams(system, load(counts.streams), progress) : undefined
    await verifyBooks(system, progress, signal)
    return { ...(page && { page }), ...(streams && { streams }) }
  } finally {
    await shown?.close()
    client.close()
    await system.stop()
  }
}
