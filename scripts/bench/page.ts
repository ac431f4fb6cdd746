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
  /** From the commit of a payment's transition until the list of payments has been painted with it, or with a later one. */
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

/** Opens the console's list of payments in Chromium: what a page has yet to compile it compiles while the services warm up. */
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

/** Offers checkouts while the page shows the list of payments, and compares it with PostgreSQL's times of commits. */
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

/** Runs in the page: keeps in `painted` which transition of which payment had been painted when, on the machine's clock. */
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
    // What is asked for in a frame runs behind its paint.
    requestAnimationFrame(() => setTimeout(() => {
      const atMs = Date.now()
      for (const one of news) painted.push({ ...one, atMs })
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

/** Milliseconds from each commit to its paint. @throws BenchError when one does not come onto the page */
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
    // What came together is shown together: a later transition tells of those before it.
    const firstMs = ({ paymentId, sequence }: Transition): number =>
      Math.min(
        ...(painted.get(paymentId) ?? []).filter((one) => one.sequence >= sequence).map(({ atMs }) => atMs),
      )
    const times = committed.map((one) => firstMs(one) - one.atMs)
    const missing = times.filter((ms) => !Number.isFinite(ms)).length
    if (missing === 0) return times
    if (Date.now() > deadline) throw new BenchError(`${missing} transitions did not come onto the page.`)
    await sleep(pollMs, undefined, { signal })
  }
}
