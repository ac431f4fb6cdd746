import type { Concert } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import type { Page, Route } from 'playwright-core'
import { newCustomer } from './support/customer.ts'
import { beginWith, failure, madeUpPayments, pagesOf, placeOf, uuidOf } from './support/made-up-answers.ts'
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

  const rowOf = (paymentId: string) => page.locator(`tr[data-payment="${paymentId}"]`)

  async function buyOne(seat: string): Promise<string> {
    const customer = await newCustomer(system, { points: 1_000n })
    const { paymentId } = await customer.buy(await customer.hold(concert, [seat]))
    customer.close()
    return paymentId
  }
})

async function namesOf(cells: { allTextContents(): Promise<string[]> }): Promise<number[]> {
  return (await cells.allTextContents()).map((text) => Number(text.replace('Letter', '')))
}

function idsOfRows(rows: readonly unknown[]): string[] {
  return rows.map((row) => (row as { dataset: { payment: string } }).dataset.payment)
}
