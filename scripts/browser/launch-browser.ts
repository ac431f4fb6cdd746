import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Browser, chromium, type LaunchOptions } from 'playwright-core'
import { packagedBrowser } from './packaged-browser.ts'

/** The environment variable that names the browser; it takes precedence. */
const variable = 'CHROMIUM'
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const places = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The advice for a machine without a browser. */
export const howToGetBrowser = `Install chromium (Debian: apt install chromium; macOS: brew install chromium), or name one in ${variable}.`

/**
 * Starts the browser that `CHROMIUM` names, or that `npm ci` installed, or that this machine has; returns undefined
 * without one.
 *
 * @throws Error when the browser does not start, or cannot be unpacked
 */
export async function launchBrowser(): Promise<Browser | undefined> {
  const options = namedBrowser() ?? (await packagedBrowser()) ?? installedBrowser()
  if (options === undefined) return undefined
  // Chromium has no sandbox for root, as in containers.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return await chromium.launch({ ...options, args })
}

function namedBrowser(): LaunchOptions | undefined {
  const executablePath = process.env[variable]
  return executablePath ? { executablePath } : undefined
}

function installedBrowser(): LaunchOptions | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const candidates = [...names.flatMap((name) => folders.map((folder) => path.join(folder, name))), ...places]
  const executablePath = candidates.find((candidate) => existsSync(candidate))
  return executablePath === undefined ? undefined : { executablePath }
}
