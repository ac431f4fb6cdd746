import type { Concert } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { signToken } from '../scripts/platform/auth.ts'
import { askForConsoleLink } from '../scripts/platform/console-link.ts'
import { browserFor, newPage, signedIn } from './support/browser.ts'
import { newConcert, present } from './support/customer.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'

describe('the frame of the console in a browser', function () {
  this.timeout(240_000)
  let system: TestSystem
  let browser: Browser
  let page: Page
  let address: string

  before(async function () {
    browser = await browserFor(this)
    system = await sharedSystem()
    address = present(system.addresses.console[0]).page
  })

  beforeEach(async () => {
    page = await newPage(browser)
  })

  afterEach(() => page.close())

  after(() => browser?.close())

  describe('where every user brings a token', () => {
    beforeEach(() => page.route('**/api/session', (route) => route.fulfill({ json: { demo: false } })))

    it('refuses a token without a role, says why, and forgets the token on sign-out', async () => {
      await page.goto(address)
      await signInWith(await tokenOf([]))
      await page.getByText('This asks for the role viewer').waitFor()
      await signInWith(await tokenOf(['viewer']))
      await page.locator('.overview').waitFor()
      await page.getByText('live', { exact: true }).waitFor()
      await page.setViewportSize({ width: 390, height: 860 })
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).to.be.at.most(0)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByText('You have signed out').waitFor()
      await page.reload()
      await page.getByLabel('Bearer token').waitFor()
      expect(await page.locator('.overview').count()).to.equal(0)
    })

    it('asks for another one when it expires while the page is open', async () => {
      await page.goto(address)
      // The token has expired, but is still accepted, for clients with clocks that are a few seconds late.
      await signInWith(await tokenOf(['viewer'], -2))
      await page.getByText('The token has expired').waitFor()
      expect(await page.getByText('Disconnected').count()).to.equal(0)
      await signInWith(await tokenOf(['viewer']))
      await page.locator('.overview').waitFor()
    })
  })

  describe('opened by a link', () => {
    it('is signed in, shows no code, and stays signed in when it is reloaded', async () => {
      const { link } = await askForConsoleLink(address, system.auth)
      await page.goto(link)
      await page.locator('.overview').waitFor()
      expect(new URL(page.url()).hash).to.equal('#/')
      await page.goto(`${address}#/payments`)
      await page.reload()
      await page.getByText('live', { exact: true }).waitFor()
      await page.locator('.who', { hasText: 'demo' }).waitFor()
      await page.goBack()
      expect(page.url()).to.not.include('sign-in')
      const other = await browser.newPage()
      await other.goto(link)
      await other.getByText('This link has been used').waitFor()
      await other.getByText('npx boxoffice console').first().waitFor()
      expect(await other.locator('.overview').count()).to.equal(0)
      await other.close()
    })

    it('signs in an open tab that has a rejected token', async () => {
      await page.goto(address)
      await page.evaluate("sessionStorage.setItem('boxoffice-token', 'stale')")
      await page.reload()
      await page.getByLabel('Bearer token').waitFor()
      await page.goto((await askForConsoleLink(address, system.auth)).link)
      await page.locator('.overview').waitFor()
    })

    it('gives nothing to a caller who has neither link nor key', async () => {
      await page.goto(address)
      await page.getByLabel('Bearer token').waitFor()
      const asked = await Promise.all(
        ['session/links', 'session/demo', 'trail/rebuild'].map((resource) =>
          fetch(new URL(`/api/${resource}`, address), {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ code: 'x'.repeat(32) }),
          }),
        ),
      )
      expect(asked.map(({ status }) => status)).to.deep.equal([401, 401, 401])
    })
  })

  describe('when a user is signed in', () => {
    beforeEach(() => signedIn(page, system.auth))

    it('has one stream open, whatever the screen', async () => {
      const open = new Set<unknown>()
      page.on('request', (request) => {
        if (new URL(request.url()).pathname === '/api/events') open.add(request)
      })
      page.on('requestfailed', (request) => open.delete(request))
      page.on('requestfinished', (request) => open.delete(request))
      await page.goto(`${address}#/dead-letters`)
      await page
        .getByLabel(/^Dead letters of/)
        .nth(2)
        .waitFor()
      await page.getByText('live', { exact: true }).waitFor()
      expect(open.size).to.equal(1)
    })

    it('skips to the content of the screen that is shown', async () => {
      await page.goto(`${address}#/groups`)
      await page.getByRole('heading', { name: 'Consumer groups' }).waitFor()
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      expect(await focused()).to.equal('main')
      expect(new URL(page.url()).hash).to.equal('#/groups')
      expect(await page.getByText('There is no such screen.').count()).to.equal(0)
    })

    it('says that there is no screen where the address cannot be read', async () => {
      await page.goto(`${address}#/payments/%`)
      await page.getByText('There is no such screen.').waitFor()
    })

    it('says when a screen cannot be drawn, and still draws the others', async () => {
      await page.route('**/api/payments?*', (route) => route.fulfill({ json: {} }))
      await page.goto(`${address}#/payments`)
      await page.getByText('This cannot be shown').waitFor()
      await page.getByRole('link', { name: 'Groups' }).click()
      await page.getByRole('heading', { name: 'Consumer groups' }).waitFor()
      await page.getByRole('link', { name: 'Payments' }).click()
      await page.getByText('This cannot be shown').waitFor()
      await page.unroute('**/api/payments?*')
      await page.getByRole('button', { name: 'Reload the page' }).click()
      await page.getByRole('heading', { name: 'Payments' }).waitFor()
    })

    describe('the map of seats', () => {
      let concert: Concert
      before(async () => {
        concert = await newConcert(system, 3, 6)
      })
      beforeEach(async () => {
        await page.goto(`${address}#/concert/${concert.concertId}`)
        await page.getByRole('grid', { name: 'Seats of section A' }).waitFor()
        // The elements after the map are loaded as well.
        await page.locator('[data-balance]').waitFor()
      })

      it('is one stop of the Tab key, and arrow keys move inside it', async () => {
        const stops = page.locator('[data-seat][tabindex="0"]')
        expect(await stops.count()).to.equal(1)
        await stops.focus()
        expect(await focused()).to.equal('A-1-1')
        for (const key of ['ArrowRight', 'ArrowDown', 'End', 'ArrowDown', 'ArrowLeft']) {
          await page.keyboard.press(key)
        }
        expect(await focused()).to.equal('A-3-5')
        await page.keyboard.press('Space')
        await page.getByRole('button', { name: /^A-3-5/, pressed: true }).waitFor()
        await page.keyboard.press('Tab')
        expect(await page.evaluate("document.activeElement.closest('.map') === null")).to.equal(true)
        await page.keyboard.press('Shift+Tab')
        expect(await focused()).to.equal('A-3-5')
        expect(await stops.count()).to.equal(1)
      })
    })
  })

  async function signInWith(token: string): Promise<void> {
    await page.getByLabel('Bearer token').fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  function tokenOf(roles: readonly string[], validForSeconds = 3_600): Promise<string> {
    return signToken(system.auth, { subject: 'ada', roles, validForSeconds })
  }

  const focused = () => page.evaluate('document.activeElement.dataset.seat ?? document.activeElement.id')
})
