import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Browser, chromium } from 'playwright-core'

/** Where chromium is looked for, before the folders of PATH. */
const variable = 'CHROMIUM'
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const places = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** What to say where there is none. */
export const howToGetBrowser = `Install chromium (Debian: apt install chromium; macOS: brew install chromium), or name one in ${variable}.`

/** A browser of this machine; undefined where there is none. */
export async function launchBrowser(): Promise<Browser | undefined> {
  const executablePath = findChromium()
  if (executablePath === undefined) return undefined
  // Root, as in containers, has no sandbox to put it in.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return await chromium.launch({ executablePath, args })
}

function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const candidates = [
    ...(process.env[variable] ? [process.env[variable]] : []),
    ...names.flatMap((name) => folders.map((folder) => path.join(folder, name))),
    ...places,
  ]
  return candidates.find((candidate) => existsSync(candidate))
}
