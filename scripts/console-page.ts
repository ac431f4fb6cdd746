import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { repositoryDir } from './platform/paths.ts'

/** The folder of the built page, from the repository's root; ignored by git. */
export const pageDir = path.join('services', 'console', 'dist')

const sourceDir = path.join(repositoryDir, 'services', 'console', 'web')
const targetDir = path.join(repositoryDir, pageDir)
const markFile = path.join(targetDir, '.sources')

/** node scripts/console-page.ts: builds the console's page. */
if (import.meta.main) console.log(await buildPage())

/**
 * Builds the console's page, if its sources or its tools have changed since the last build.
 *
 * @returns what was done, in a few words
 */
export async function buildPage(): Promise<string> {
  const sources = await digestOfSources()
  const built = await readFile(markFile, 'utf8').catch(() => '')
  if (built === sources) return 'up to date'
  // Imported here, because it takes a while to load and nothing else needs it.
  const { build } = await import('vite')
  await build({
    root: sourceDir,
    configFile: false,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: targetDir,
      emptyOutDir: true,
      target: 'es2022',
      // Fonts and images in data: URLs would need a wider content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  })
  const compressed = await compress(path.join(targetDir, 'assets'))
  await writeFile(markFile, sources)
  return `built, ${(compressed / 1024).toFixed(0)} kB of compressed script`
}

/**
 * Writes a compressed copy beside each asset, which the server sends instead; returns the bytes of compressed script.
 */
async function compress(dir: string): Promise<number> {
  let scriptBytes = 0
  for (const name of await readdir(dir)) {
    const file = path.join(dir, name)
    const bytes = brotliCompressSync(await readFile(file), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 9 },
    })
    await writeFile(`${file}.br`, bytes)
    if (name.endsWith('.js')) scriptBytes += bytes.length
  }
  return scriptBytes
}

async function digestOfSources(): Promise<string> {
  const hash = createHash('sha256')
  const files = await readdir(sourceDir, { recursive: true, withFileTypes: true })
  const sources = files
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
  const others = ['package-lock.json', 'scripts/console-page.ts', 'services/console/src/contract/answers.ts']
  for (const file of [...sources.sort(), ...others.map((name) => path.join(repositoryDir, name))]) {
    hash.update(path.relative(repositoryDir, file)).update(await readFile(file))
  }
  return hash.digest('hex')
}
