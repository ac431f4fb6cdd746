import type { Concert } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { expectBalancedBooks } from './books.ts'
import { browserFor, newPage, signedIn } from './browser.ts'
import { newConcert, present } from './customer.ts'
import { sharedSystem, type TestSystem } from './shared-system.ts'

/** The console of the shared system, and a page for one test, which has not loaded anything. */
export interface OpenConsole {
  readonly system: TestSystem
  readonly page: Page
  /** The address of the console's page. */
  readonly address: string
  /** A concert of the suite, with two rows of ten seats. */
  readonly concert: Concert
}

/**
 * Opens a page for each test of the suite that calls this in its `describe`. A test fails with an error in its page,
 * and the suite with books that do not balance after it.
 *
 * @returns the function that returns what is open, from the suite's own `beforeEach` on
 */
export function openConsole(): () => OpenConsole {
  let system: TestSystem
  let browser: Browser
  let page: Page
  let concert: Concert
  const complaints: string[] = []

  before(async function () {
    browser = await browserFor(this)
    system = await sharedSystem()
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

  return () => ({ system, page, concert, address: present(system.addresses.console[0]).page })
}
