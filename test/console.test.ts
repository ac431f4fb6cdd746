import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Concert } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { askForConsoleLink } from '../scripts/platform/console-link.ts'
import { repositoryDir } from '../scripts/platform/paths.ts'
import { expectBalancedBooks } from './support/books.ts'
import { browserFor, newPage } from './support/browser.ts'
import { newConcert, newCustomer, present } from './support/customer.ts'
import { whilePaused, whileUnheard } from './support/pause.ts'
import { sendPoison } from './support/send-poison.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'
import { waitUntil } from './support/wait-until.ts'

/** The folder of the screenshots, for people to look at; git ignores it. */
const screenshotsDir = path.join(repositoryDir, '.boxoffice', 'screenshots')
const screens = ['', 'payments', 'concert', 'wallet', 'dead-letters', 'groups', 'replay']
const axeScript = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

describe('the console in a browser', function () {
  this.timeout(240_000)
  let system: TestSystem
  let browser: Browser
  let page: Page
  let concert: Concert
  let address: string
  const complaints: string[] = []

  before(async function () {
    browser = await browserFor(this)
    system = await sharedSystem()
    address = present(system.addresses.console[0]).page
    concert = await newConcert(system, 4, 10)
    mkdirSync(screenshotsDir, { recursive: true })
    page = await newPage(browser, complaints)
    await page.goto((await askForConsoleLink(address, system.auth)).link)
    await page.locator('.overview').waitFor()
  })

  afterEach(() => {
    expect(complaints.splice(0), 'errors in the page').to.deep.equal([])
  })

  after(async () => {
    await browser?.close()
    if (system) await expectBalancedBooks(system)
  })

  it('charges a wallet, buys a ticket, and shows it turn COMPLETED', async () => {
    await page.goto(`${address}#/concert/${concert.concertId}`)
    await page.getByRole('button', { name: 'Charge 50,000' }).click()
    await page.locator('[data-balance]', { hasText: /[1-9]/ }).waitFor()
    await page.getByRole('button', { name: 'A-1-1, free' }).click()
    await page.getByRole('button', { name: 'Buy for 100 pt' }).click()
    await page.locator('.watched .status.completed').waitFor()
    await page.getByRole('button', { name: 'A-1-1, sold' }).waitFor()
    await page.getByRole('link', { name: 'See the whole payment' }).click()
    const steps = page.locator('.lanes li')
    await expectTexts(steps, [
      'PENDING',
      'UsePoint',
      'PointUsed',
      'ConfirmSeats',
      'SeatsConfirmed',
      'COMPLETED',
    ])
    await page.getByRole('button', { name: /^ConfirmSeatsCommand from payment to reservation/ }).click()
    await page.getByText('"reservationId"').waitFor()
    await page.locator('.facts', { hasText: 'Booksright' }).waitFor()
    await shoot('payment-completed')
  })

  it('shows a refused payment, and the points that came back', async () => {
    await page.goto(`${address}#/concert/${concert.concertId}`)
    await page.getByRole('button', { name: 'A-1-2, free' }).click()
    await page.getByLabel(/^Pay/).fill('99')
    await whileUnheard(system, async () => {
      await page.getByRole('button', { name: 'Buy for 99 pt' }).click()
      await page.locator('.watched').waitFor()
    })
    await page.locator('.watched .status.failed', { hasText: 'refunded' }).waitFor()
    await page.getByRole('link', { name: 'See the whole payment' }).click()
    const compensation = page.locator('.lanes li.compensation')
    await expectTexts(compensation, ['amount mismatch', 'RefundPoint', 'PointRefunded', 'FAILED, refunded'])
    await shoot('payment-refunded')
  })

  it('shows a seat as held by its latest holder, and deselects a seat that another customer has taken', async () => {
    await page.goto(`${address}#/concert/${concert.concertId}`)
    await page.getByRole('button', { name: 'A-3-1, free' }).click()
    await page.getByRole('button', { name: 'Buy for 100 pt' }).waitFor()
    const [first, second] = [await newCustomer(system, { points: 1_000n }), await newCustomer(system)]
    const { reservationId, ...rest } = await first.hold(concert, ['A-3-1'])
    await page.getByRole('button', { name: 'A-3-1, held' }).waitFor()
    await page.getByText('Choose free seats on the map.').waitFor()
    const { paymentId } = await whilePaused(system, 'point', async () => {
      const accepted = await first.checkout({ ...rest, reservationId })
      await first.reservations.releaseReservation({ requestId: randomUUID(), reservationId })
      await page.getByRole('button', { name: 'A-3-1, free', pressed: false }).waitFor()
      await second.hold(concert, ['A-3-1'])
      await page.getByRole('button', { name: 'A-3-1, held' }).waitFor()
      return accepted
    })
    // The answer to this payment is about a released reservation; its seat is already held by another customer.
    await first.settled(paymentId)
    await second.hold(concert, ['A-3-2'])
    await page.getByRole('button', { name: 'A-3-2, held' }).waitFor()
    expect(await page.getByRole('button', { name: 'A-3-1, held' }).count()).to.equal(1)
    first.close()
    second.close()
  })

  it('adds each new payment to the list, also after the console was restarted', async () => {
    await page.goto(`${address}#/payments`)
    const before = await buyOne('A-2-1')
    await rowOf(before).locator('.completed').waitFor()
    const restarted = present(system.processes.get('console'))
    await restarted.stop()
    await page.getByText('Disconnected').waitFor()
    const during = await buyOne('A-2-2')
    await restarted.start()
    await rowOf(during).locator('.completed').waitFor()
    expect(await page.getByText('Disconnected').count()).to.equal(0)
    const after = await buyOne('A-2-3')
    await rowOf(after).locator('.completed').waitFor()
  })

  it('shows the parts of the hop times of the last minute', async () => {
    await page.goto(`${address}#/`)
    await page.locator('.overview').waitFor()
    await buyOne('A-2-4')
    const rows = page.locator('.parts tbody tr')
    await expectTexts(rows.locator('th'), [
      'API, until accepted',
      'Outbox, until published',
      'Kafka, until received',
      'Waiting for its turn',
      'Handler, until committed',
    ])
    for (const text of await rows.locator('td').allTextContents()) expect(text).to.match(/^[\d.]+ m?s$/)
  })

  it('lets an operator redrive and discard a dead letter', async () => {
    const userId = `user-${randomUUID()}`
    await sendPoison(system, userId)
    await page.goto(`${address}#/dead-letters`)
    const letters = page.getByLabel('Dead letters of point', { exact: true })
    await letters.getByRole('button', { name: 'UsePointCommand' }).first().click()
    await page.getByRole('button', { name: 'Redrive its key' }).click()
    await page.getByText('0 handled, 1 failed again, 1 still put aside').waitFor()
    await shoot('dead-letter')
    await page.getByLabel('Reason').fill('it was garbage')
    await page.getByRole('button', { name: 'Discard it' }).click()
    await page.getByText('The message was discarded.').waitFor()
    await letters.getByText('Nothing is put aside.').waitFor()
  })

  it('shows what a replay would read, and after it that it changed nothing', async () => {
    await page.goto(`${address}#/replay`)
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByRole('heading', { name: /^It would read [1-9]/ }).waitFor()
    await shoot('replay-dry-run')
    await page.getByRole('button', { name: 'Read them again' }).click()
    await page.getByRole('heading', { name: 'Replay done' }).waitFor()
    const effects = page.locator('.figures div', { hasText: 'had an effect' }).locator('dd')
    expect(await effects.textContent()).to.equal('0')
  })

  it('shows that the books are right', async () => {
    await page.goto(`${address}#/`)
    await page.locator('.verdict.good', { hasText: 'all right' }).waitFor()
    await page.locator('.invariants li.good').nth(6).waitFor()
  })

  it('keeps the chosen appearance, also when it is opened again', async () => {
    const scheme = () => page.evaluate('getComputedStyle(document.documentElement).colorScheme')
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    await page.emulateMedia({ colorScheme: 'light' })
    await page.goto(`${address}#/`)
    const light = await ground()
    await page.getByLabel('Appearance').selectOption('dark')
    expect([await scheme(), await ground()]).to.deep.equal(['dark', 'rgb(19, 19, 24)'])
    await page.reload()
    await page.getByLabel('Appearance').waitFor()
    expect(await scheme()).to.equal('dark')
    await page.getByLabel('Appearance').selectOption('system')
    expect([await scheme(), await ground()]).to.deep.equal(['light dark', light])
  })

  it('has no serious accessibility problem on any screen, in light and dark, wide and narrow', async () => {
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 390],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 860 })
      for (const screen of screens) {
        await page.goto(`${address}#/${screen}`)
        await page.locator('h1').waitFor()
        await page.locator('.spinner').first().waitFor({ state: 'detached' })
        await shoot(`${screen || 'overview'}-${colorScheme}-${width}`)
        expect(await seriousProblems(), `${screen} in ${colorScheme}, ${width} wide`).to.deep.equal([])
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
        expect(overflow, `${screen} is wider than a screen of ${width}`).to.be.at.most(0)
      }
    }
  })

  const rowOf = (paymentId: string) => page.locator(`tr[data-payment="${paymentId}"]`)

  async function buyOne(seat: string): Promise<string> {
    const customer = await newCustomer(system, { points: 1_000n })
    const { paymentId } = await customer.buy(await customer.hold(concert, [seat]))
    customer.close()
    return paymentId
  }

  async function seriousProblems(): Promise<string[]> {
    // Not as a script tag: the page's policy allows only its own scripts.
    await page.evaluate(readFileSync(axeScript, 'utf8'))
    const run = `axe.run().then(({ violations }) => violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`
    return (await page.evaluate(run)) as string[]
  }

  async function shoot(name: string): Promise<void> {
    await page.screenshot({ path: path.join(screenshotsDir, `${name}.png`) })
  }
})

/** Waits until the elements contain these texts in this order; other elements may be between them. */
async function expectTexts(
  elements: { allTextContents(): Promise<string[]> },
  texts: readonly string[],
): Promise<void> {
  await waitUntil(`the steps ${texts.join(', ')}`, async () => {
    const found = await elements.allTextContents()
    let next = 0
    for (const text of found) if (text.includes(texts[next] ?? '\0')) next += 1
    return next === texts.length
  })
}
