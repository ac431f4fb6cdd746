import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { chromium } from 'playwright-core'
import { runCommand } from '../command.ts'
import { packagedBrowser } from './packaged-browser.ts'

describe('The browser that npm ci brings', function () {
  this.timeout(60_000)
  let cache: string

  beforeEach(async () => {
    cache = await mkdtemp(path.join(tmpdir(), 'boxoffice-browser-'))
  })

  afterEach(() => rm(cache, { recursive: true, force: true }))

  it('is unpacked by several processes at the same time, is complete, and leaves nothing else behind', async () => {
    const file = path.join(import.meta.dirname, 'packaged-browser.ts')
    const script = `const { packagedBrowser } = await import('${file}')
      console.log(JSON.stringify(await packagedBrowser({ cache: '${cache}' })))`
    const starts = Array.from({ length: 2 }, () => runCommand('node', ['--eval', script]))
    for (const { exitCode, output } of await Promise.all(starts)) expect(exitCode, output).to.equal(0)
    const options = await packagedBrowser({ cache })
    expect(await readdir(cache)).to.have.length(options === undefined ? 0 : 1)
    // npm skips the package on anything but x64 Linux with glibc.
    if (options === undefined) return
    const browser = await chromium.launch(options)
    try {
      const page = await browser.newPage()
      await page.setContent(
        '<span style="font: 40px Open Sans">mmm</span><span style="font: 40px x">mmm</span>',
      )
      const widths = await page.locator('span').evaluateAll((spans) => spans.map((span) => span.offsetWidth))
      expect(widths[0], 'the package brings a font').not.to.equal(widths[1])
    } finally {
      await browser.close()
    }
  })
})
