import type { Concert } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import type { Page, Request, Route } from 'playwright-core'
import { newCustomer } from './support/customer.ts'
import { failure, uuidOf } from './support/made-up-answers.ts'
import { openConsole } from './support/open-console.ts'
import type { TestSystem } from './support/shared-system.ts'
import { waitUntil } from './support/wait-until.ts'

describe("the console's page when answers are lost, late or partial", function () {
  this.timeout(240_000)
  let system: TestSystem
  let page: Page
  let concert: Concert
  let address: string
  const opened = openConsole()
  beforeEach(() => {
    ;({ system, page, concert, address } = opened())
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
      .filter({ hasText: 'Dead lettersunknownno value from point; the others: 2' })
      .waitFor()
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
})

function requestIds(requests: readonly Request[]): string[] {
  return [...new Set(requests.map((request) => (request.postDataJSON() as { requestId: string }).requestId))]
}

function planOf(records: number) {
  return { json: { partitions: [{ topic: 'made-up', records: String(records) }] } }
}
