import type { Concert } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import type { Browser, Page, Request, Route } from 'playwright-core'
import { expectBalancedBooks } from './support/books.ts'
import { browserFor, newPage, signedIn } from './support/browser.ts'
import { newConcert, newCustomer, present } from './support/customer.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'
import { waitUntil } from './support/wait-until.ts'

describe("the console's page when answers are lost, late or partial", function () {
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
    concert = await newConcert(system, 2, 10)
  })

  beforeEach(async () => {
    page = await signedIn(await newPage(browser, complaints), system.auth)
  })

  afterEach(async () => {
    // The page polls: some request is always under way.
    await page?.unrouteAll({ behavior: 'ignoreErrors' })
    await page?.close()
    expect(complaints.splice(0), 'errors in the page').to.deep.equal([])
  })

  after(async () => {
    await browser?.close()
    if (system) await expectBalancedBooks(system)
  })

  it('charges once when the user tries again after a lost answer', async () => {
    const asked = await loseFirst('/api/wallet/charges')
    await page.goto(`${address}#/wallet`)
    await page.getByText('Ledger').waitFor()
    const charges = page.locator('.list tbody tr', { hasText: 'charge' })
    const before = await charges.count()
    await page.getByRole('button', { name: 'Charge' }).click()
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('alert').waitFor({ state: 'detached' })
    await page.reload()
    await charges.first().waitFor()
    expect(await charges.count()).to.equal(before + 1)
    expect(requestIds(asked), 'the ids of both requests').to.have.lengthOf(1)
    await page.getByRole('button', { name: 'Charge' }).click()
    await charges.nth(before + 1).waitFor()
    expect(requestIds(asked), 'with another charge').to.have.lengthOf(2)
  })

  it('holds and pays once when the user tries again after lost answers', async () => {
    const holds = await loseFirst('/api/holds')
    const checkouts = await loseFirst('/api/checkouts')
    await choose('A-1-1')
    await page.getByRole('button', { name: 'Buy for 100 pt' }).click()
    // First the answer to the hold is lost, then that to the checkout.
    await page.getByRole('button', { name: 'Try again' }).click()
    await waitUntil('the checkout', async () => checkouts.length === 1)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.locator('.watched .status.completed').waitFor()
    await page.getByRole('button', { name: 'A-1-1, sold' }).waitFor()
    expect([requestIds(holds).length, requestIds(checkouts).length]).to.deep.equal([1, 1])
    expect([holds.length, checkouts.length]).to.deep.equal([2, 2])
    await page.getByText('Choose free seats on the map.').waitFor()
  })

  it('releases held seats that cannot be paid', async () => {
    await page.route('**/api/checkouts', (route) => route.abort())
    await choose('A-1-2')
    await page.getByRole('button', { name: 'Buy for 100 pt' }).click()
    await page.getByRole('button', { name: 'A-1-2, held' }).waitFor()
    await page.getByRole('button', { name: 'Give the seats back' }).click()
    await page.getByRole('button', { name: 'A-1-2, free' }).waitFor()
    await page.getByText('Choose free seats on the map.').waitFor()
    expect(await page.getByRole('button', { name: 'Try again' }).count()).to.equal(0)
  })

  it('forgets seats that were refused', async () => {
    const customer = await newCustomer(system)
    await page.route('**/api/holds', async (route) => {
      await customer.hold(concert, ['A-1-3'])
      await route.continue()
    })
    await choose('A-1-3')
    await page.getByRole('button', { name: 'Buy for 100 pt' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByText('Choose free seats on the map.').waitFor()
    expect(await page.getByRole('button', { name: 'Give the seats back' }).count()).to.equal(0)
    customer.close()
  })

  it('does not show a wallet that cannot be read as an empty one', async () => {
    await page.route('**/api/wallet', (route) => route.fulfill(failure))
    for (const screen of ['wallet', `concert/${concert.concertId}`]) {
      await page.goto(`${address}#/${screen}`)
      await page.getByText('The wallet cannot be shown: it is tired').waitFor()
      expect(await page.getByText('0 pt', { exact: true }).count(), screen).to.equal(0)
    }
  })

  it('names the service with an unknown figure instead of leaving it out', async () => {
    await page.route(/\/api\/events/, (route) => route.abort())
    await page.route('**/api/overview', async (route) => {
      const overview = await (await route.fetch()).json()
      const outbox = ['payment', 'point'].map((service) => ({ service, oldestSeconds: null }))
      const deadLetters = [
        { service: 'payment', count: 2 },
        { service: 'point', count: null },
      ]
      await route.fulfill({ json: { ...overview, outbox, deadLetters } })
    })
    await page.goto(`${address}#/`)
    const figures = page.locator('.waiting .rows > div')
    await figures.filter({ hasText: 'Oldest unpublished messageunknownno service has reported it' }).waitFor()
    await figures
      .and(page.locator('.bad'))
      .filter({ hasText: 'Dead lettersunknownno answer from point; the others: 2' })
      .waitFor()
  })

  it('keeps every payment while older ones are being loaded', async () => {
    const [newer, older] = [madeUpPayments(0), madeUpPayments(50)]
    const asked = Promise.withResolvers<Route>()
    await page.route('**/api/payments?**', async (route) => {
      if (new URL(route.request().url()).searchParams.has('before')) return asked.resolve(route)
      await beginWith(newer, route)
    })
    await page.goto(`${address}#/payments`)
    await page.getByRole('button', { name: 'Older ones' }).click()
    const route = await asked.promise
    const bought = [await buyOne('A-2-1'), await buyOne('A-2-2'), await buyOne('A-2-3')]
    for (const paymentId of bought) await rowOf(paymentId).waitFor()
    const before = new URL(route.request().url()).searchParams.get('before')
    expect(before).to.equal(placeOf(newer))
    await route.fulfill({ json: { payments: older, next: null, position: '0' } })
    await rowOf(older[49]?.paymentId ?? '').waitFor()
    const shown = await page.locator('[data-payment]').evaluateAll(idsOfRows)
    const expected = [...bought, ...[...newer, ...older].map(({ paymentId }) => paymentId)]
    expect(shown).to.include.members(expected)
    expect(new Set(shown)).to.have.lengthOf(shown.length)
  })

  it('says why older payments cannot be shown, and lets the user try again', async () => {
    const [newer, older] = [madeUpPayments(0), madeUpPayments(50)]
    let tries = 0
    await page.route('**/api/payments?**', async (route) => {
      if (!new URL(route.request().url()).searchParams.has('before')) return await beginWith(newer, route)
      if (++tries === 1) return await route.fulfill(failure)
      await route.fulfill({ json: { payments: older, next: null, position: '0' } })
    })
    await page.goto(`${address}#/payments`)
    await page.getByRole('button', { name: 'Older ones' }).click()
    await page.getByRole('alert').getByText('More cannot be shown: it is tired').waitFor()
    await page.getByRole('button', { name: 'Older ones' }).click()
    await rowOf(older[49]?.paymentId ?? '').waitFor()
    expect(await page.getByRole('alert').count()).to.equal(0)
  })

  it('loads the payments with broken books again when the books name other payments', async () => {
    const [broken] = madeUpPayments(0)
    let found = false
    await page.route('**/api/payments?faulty=true', (route) =>
      route.fulfill({ json: { payments: found ? [broken] : [], next: null, position: '0' } }),
    )
    await page.route(/\/api\/events/, async (route) => {
      const headers = await route.request().allHeaders()
      const overview = await (await page.request.get(`${address}api/overview`, { headers })).json()
      overview.books.invariants[0].broken = found ? [broken?.paymentId] : []
      const body = `event: overview\ndata: ${JSON.stringify(overview)}\n\n`
      await route.fulfill({ body, contentType: 'text/event-stream' })
    })
    await page.goto(`${address}#/payments`)
    await page.getByLabel('only with broken books').check()
    await page.getByText('No payment matches.').waitFor()
    found = true
    await rowOf(broken?.paymentId ?? '').waitFor()
  })

  it('keeps the later pages of dead letters when the first one is read again', async () => {
    const pages = pagesOf((nth) => ({
      deadLetterId: uuidOf(nth),
      messageId: uuidOf(nth),
      type: `test.Letter${nth}`,
      topic: 'point-commands',
      reason: 'DEAD_LETTER_REASON_UNDECODABLE',
      state: 'DEAD_LETTER_STATE_PUT_ASIDE',
      createTime: '2026-11-23T12:00:00Z',
    }))
    let reads = 0
    let first = 1
    await page.route('**/api/dead-letters/point?**', async (route) => {
      const token = new URL(route.request().url()).searchParams.get('pageToken')
      if (token === null) reads += 1
      const { rows, next } = pages(Number(token ?? first))
      await route.fulfill({ json: { deadLetters: rows, nextPageToken: next } })
    })
    await page.goto(`${address}#/dead-letters`)
    const letters = page.getByLabel('Dead letters of point', { exact: true })
    await letters.getByRole('button', { name: 'More' }).click()
    await letters.getByRole('button', { name: 'Letter4', exact: true }).waitFor()
    const readsBefore = reads
    await waitUntil('the first page has been read again', async () => reads > readsBefore)
    expect(await namesOf(letters.locator('tbody th'))).to.deep.equal([1, 2, 3, 4])
    // A new letter arrives at the front and shifts the others.
    first = 0
    await letters.getByRole('button', { name: 'Letter0', exact: true }).waitFor()
    await waitUntil('every letter once', async () => {
      const names = await namesOf(letters.locator('tbody th'))
      return names.join() === '0,1,2,3'
    })
  })

  it('shows the whole ledger of a wallet, page by page', async () => {
    const pages = pagesOf((nth) => ({
      transactionId: uuidOf(nth),
      kind: 'POINT_TRANSACTION_KIND_CHARGE',
      amount: String(nth),
      balance: String(nth),
      time: '2026-11-23T12:00:00Z',
    }))
    await page.route(/\/api\/wallet(\?|$)/, async (route) => {
      const token = new URL(route.request().url()).searchParams.get('pageToken')
      const { rows, next } = pages(Number(token ?? 1))
      await route.fulfill({ json: { balance: '9', transactions: rows, nextPageToken: next } })
    })
    await page.goto(`${address}#/wallet`)
    const rows = page.locator('.list tbody tr')
    await rows.nth(1).waitFor()
    for (const count of [4, 6]) {
      await page.getByRole('button', { name: 'More' }).click()
      await rows.nth(count - 1).waitFor()
    }
    expect(await page.getByRole('button', { name: 'More' }).count()).to.equal(0)
  })

  it('offers no dry run while the time is incomplete', async () => {
    await page.goto(`${address}#/replay`)
    await page.getByLabel('From').selectOption('a time')
    await page.getByRole('textbox', { name: 'Time' }).fill('')
    expect(await page.getByRole('button', { name: 'Dry run' }).isDisabled()).to.equal(true)
    await page.getByRole('textbox', { name: 'Time' }).fill('2026-11-23T12:00:00')
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByRole('heading', { name: /^It would read/ }).waitFor()
  })

  it('starts the replay whose plan it shows, and shows no plan of a consumer that is not selected any more', async () => {
    const late = Promise.withResolvers<Route>()
    await page.route('**/api/replays/*/dry-run', async (route) => {
      if (route.request().url().includes('/payment/')) late.resolve(route)
      else await route.fulfill(planOf(5))
    })
    const started: Request[] = []
    await page.route(/\/api\/replays\/\w+$/, async (route) => {
      started.push(route.request())
      if (started.length === 1) return await route.abort()
      await route.fulfill({ json: { replay: { replayId: uuidOf(1), phase: 'REPLAY_PHASE_DONE' } } })
    })
    await page.goto(`${address}#/replay`)
    await page.getByRole('button', { name: 'Dry run' }).click()
    const route = await late.promise
    await page.getByLabel('Consumer').selectOption('point')
    await page.getByRole('button', { name: 'Dry run' }).click()
    await page.getByRole('heading', { name: 'It would read 5 records' }).waitFor()
    const answered = page.waitForEvent('requestfinished', (request) => request === route.request())
    await route.fulfill(planOf(7))
    await answered
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
    await page.getByRole('heading', { name: 'It would read 5 records' }).waitFor()
    await page.getByRole('button', { name: 'Read them again' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByRole('button', { name: 'Read them again' }).click()
    await page.getByRole('heading', { name: 'Replay done' }).waitFor()
    expect(started.map((request) => new URL(request.url()).pathname)).to.deep.equal([
      '/api/replays/point',
      '/api/replays/point',
    ])
    expect(requestIds(started)).to.have.lengthOf(1)
  })

  const rowOf = (paymentId: string) => page.locator(`tr[data-payment="${paymentId}"]`)

  /**
   * Passes the first request to this path on and loses its answer. Returns the growing list of requests to the path.
   */
  async function loseFirst(path: string): Promise<Request[]> {
    const asked: Request[] = []
    await page.route(`**${path}`, async (route) => {
      if (asked.push(route.request()) > 1) return await route.continue()
      await route.fetch()
      await route.abort()
    })
    return asked
  }

  async function choose(seat: string): Promise<void> {
    await page.goto(`${address}#/concert/${concert.concertId}`)
    const charge = page.getByRole('button', { name: 'Charge 50,000' })
    await charge.click()
    await page.locator('[data-balance]', { hasText: /[1-9]/ }).waitFor()
    await page.getByRole('button', { name: `${seat}, free` }).click()
  }

  async function buyOne(seat: string): Promise<string> {
    const customer = await newCustomer(system, { points: 1_000n })
    const { paymentId } = await customer.buy(await customer.hold(concert, [seat]))
    customer.close()
    return paymentId
  }
})

const failure = {
  status: 503,
  json: { code: 'UNAVAILABLE', reason: 'NOT_READY', message: 'it is tired' },
} as const

function requestIds(requests: readonly Request[]): string[] {
  return [...new Set(requests.map((request) => (request.postDataJSON() as { requestId: string }).requestId))]
}

function planOf(records: number) {
  return { json: { partitions: [{ topic: 'made-up', records: String(records) }] } }
}

/** Fifty old payments, newest first, that follow `after` newer ones. */
function madeUpPayments(after: number) {
  return Array.from({ length: 50 }, (_, index) => ({
    ...{ paymentId: uuidOf(after + index), reservationId: uuidOf(0), userId: 'nobody', amount: '1' },
    ...{ status: 'COMPLETED', failureReason: null, refund: 'NONE', sequence: 3, final: true, faults: [] },
    createTime: new Date(Date.UTC(2020, 0, 1) - (after + index) * 1_000).toISOString(),
    updateTime: new Date(Date.UTC(2020, 0, 1)).toISOString(),
    ...{ seats: [], concertId: null },
  }))
}

/** Answers with these payments as the first page; payments from the stream are added to them. */
async function beginWith(payments: ReturnType<typeof madeUpPayments>, route: Route): Promise<void> {
  const { position } = (await (await route.fetch()).json()) as { position: string }
  await route.fulfill({ json: { payments, next: placeOf(payments), position } })
}

function placeOf(payments: ReturnType<typeof madeUpPayments>): string {
  const last = present(payments.at(-1))
  return `${last.createTime}/${last.paymentId}`
}

/** A list of six rows in pages of two, from the given row on. The token of a page is the number of its first row. */
function pagesOf<Row>(rowOf: (nth: number) => Row) {
  return (from: number) => ({
    rows: [rowOf(from), rowOf(from + 1)],
    next: from + 2 > 6 ? '' : String(from + 2),
  })
}

function uuidOf(nth: number): string {
  return `00000000-0000-4000-a000-${String(nth).padStart(12, '0')}`
}

async function namesOf(cells: { allTextContents(): Promise<string[]> }): Promise<number[]> {
  return (await cells.allTextContents()).map((text) => Number(text.replace('Letter', '')))
}

function idsOfRows(rows: readonly unknown[]): string[] {
  return rows.map((row) => (row as { dataset: { payment: string } }).dataset.payment)
}
