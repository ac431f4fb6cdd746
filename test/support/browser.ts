import type { Context } from 'mocha'
import type { Browser, Page } from 'playwright-core'
import { howToGetBrowser, launchBrowser } from '../../scripts/browser/launch-browser.ts'
import { type AuthFiles, signToken } from '../../scripts/platform/auth.ts'
import { consoleRoles } from '../../scripts/platform/console-link.ts'

/**
 * A browser for the tests of the suite that calls this in its `before`. Without a browser they are skipped, and it
 * says so.
 */
export async function browserFor(suite: Context): Promise<Browser> {
  const browser = await launchBrowser()
  if (browser !== undefined) return browser
  console.error(
    `\n      No chromium on this machine: THE BROWSER TESTS ARE LEFT OUT.\n      ${howToGetBrowser}`,
  )
  return suite.skip()
}

/** A page with the size of a desktop screen. Errors in it are added to `complaints`. */
export async function newPage(browser: Browser, complaints: string[] = []): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
  page.setDefaultTimeout(30_000)
  page.on('pageerror', ({ message }) => complaints.push(message))
  return page
}

/** Signs the page in as the demo user, for everything that it opens. */
export async function signedIn(page: Page, auth: AuthFiles): Promise<Page> {
  const token = await signToken(auth, { subject: 'demo', roles: consoleRoles })
  await page.addInitScript(`sessionStorage.setItem('boxoffice-token', '${token}')`)
  return page
}
