import { setTimeout as sleep } from 'node:timers/promises'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'
import type { Page } from 'playwright-core'
import { howToGetBrowser, launchBrowser } from '../browser/launch-browser.ts'
import { askForConsoleLink } from '../platform/console-link.ts'
import type { Progress } from '../start/progress.ts'
import { BenchError } from './bench-error.ts'
import { type Latency, latencyOf } from './latency.ts'
import { type Load, measureRate } from './scenarios.ts'
import type { SystemUnderTest } from './system-under-test.ts'
import type { Spent } from './usage-meter.ts'

export interface PageFigures {
  /**
   * From the commit of a transition until the page has painted the payment with this transition, or with a later one.
   */
  readonly paintedMs: Latency
  readonly transitions: number
  readonly spent: Spent
}

interface Transition {
  readonly paymentId: string
  readonly sequence: number
  /** Milliseconds since 1970. */
  readonly atMs: number
}

const paintedTimeoutMs = 10_000
const pollMs = 100

/**
 * Opens the console's list of payments in Chromium, early enough that the page compiles its code during the warm-up.
 */
export async function openPayments(system: SystemUnderTest): Promise<{ page: Page; close(): Promise<void> }> {
  const browser = await launchBrowser()
  if (browser === undefined) throw new BenchError(`There is no browser to look with. ${howToGetBrowser}`)
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
    const address = system.addresses.console[0]?.page ?? ''
    await page.goto((await askForConsoleLink(address, system.auth)).link)
    await page.locator('.overview').waitFor()
    await page.goto(`${address}#/payments`)
    return { page, close: () => browser.close() }
  } catch (error) {
    await browser.close()
    throw error
  }
}

/**
 * Offers checkouts while the page shows the list of payments, and compares the paints with PostgreSQL's times of
 * commits.
 */
export async function measurePage(
  system: SystemUnderTest,
  page: Page,
  load: Omit<Load, 'processes'>,
  rate: number,
  progress: Progress,
): Promise<PageFigures> {
  await page.locator('tr[data-payment]').first().waitFor()
  await page.evaluate(notePaints)
  const done = progress.step('page')
  const since = Date.now()
  const { spent } = await measureRate({ ...load, processes: system.processes }, rate)
  const committed = await readCommits(system.addresses.services.payment.databaseUrl, since)
  const times = await whenPainted(page, committed, load.signal)
  done(`${committed.length} transitions`)
  return { paintedMs: latencyOf(times), transitions: committed.length, spent }
}

/**
 * Runs in the page: records in `painted` the time at which each transition of a payment was painted, by the machine's
 * clock.
 */
const notePaints = `{
  const known = new Map()
  globalThis.painted = []
  const look = () => {
    const news = []
    for (const { dataset } of document.querySelectorAll('tr[data-payment]')) {
      const sequence = Number(dataset.sequence)
      if (sequence <= (known.get(dataset.payment) ?? 0)) continue
      known.set(dataset.payment, sequence)
      news.push({ paymentId: dataset.payment, sequence })
    }
    if (news.length === 0) return
    // A timer that is set in an animation frame runs after the paint of that frame.
    requestAnimationFrame(() => setTimeout(() => {
      const atMs = Date.now()
      for (const transition of news) painted.push({ ...transition, atMs })
    }))
  }
  look()
  const observed = { subtree: true, childList: true, attributes: true, attributeFilter: ['data-sequence'] }
  new MutationObserver(look).observe(document.body, observed)
}`

async function readCommits(databaseUrl: string, sinceMs: number): Promise<Transition[]> {
  const client = new (clientOf({ url: databaseUrl }, pg.Client))()
  await client.connect()
  try {
    const { rows } = await client.query<Transition>(selectCommits, [new Date(sinceMs)])
    return rows
  } finally {
    await client.end()
  }
}

const selectCommits = `
  SELECT payment_id AS "paymentId", payment_transition.sequence,
    extract(epoch FROM pg_xact_commit_timestamp(payment_transition.xmin))::float8 * 1000 AS "atMs"
  FROM payment_transition JOIN payment USING (payment_id)
  WHERE payment.created_at >= $1`

/** Milliseconds from each commit to its paint. @throws BenchError if a transition does not appear on the page */
async function whenPainted(
  page: Page,
  committed: readonly Transition[],
  signal: AbortSignal,
): Promise<number[]> {
  const deadline = Date.now() + paintedTimeoutMs
  while (true) {
    const painted = Map.groupBy(
      (await page.evaluate('painted')) as Transition[],
      ({ paymentId }) => paymentId,
    )
    // Transitions that arrive together are shown together, so a later transition counts for earlier ones.
    const firstMs = ({ paymentId, sequence }: Transition): number =>
      Math.min(
        ...(painted.get(paymentId) ?? [])
          .filter((paint) => paint.sequence >= sequence)
          .map(({ atMs }) => atMs),
      )
    const times = committed.map((transition) => firstMs(transition) - transition.atMs)
    const missing = times.filter((ms) => !Number.isFinite(ms)).length
    if (missing === 0) return times
    if (Date.now() > deadline) throw new BenchError(`${missing} transitions did not appear on the page.`)
    await sleep(pollMs, undefined, { signal })
  }
}
