import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { LaunchOptions } from 'playwright-core'
import { cacheDir } from '../platform/paths.ts'

const packageName = '@sparticuz/chromium'

/**
 * The browser that `npm ci` installs on x64 Linux with glibc; undefined where npm skipped it. The package contains it
 * packed: unpacking takes 5 s and 215 MB, once per checkout and version. It includes NSS libraries and a font, so that
 * it needs nothing from the machine.
 *
 * @throws Error if it cannot be unpacked
 */
export async function packagedBrowser({ cache = cacheDir } = {}): Promise<LaunchOptions | undefined> {
  const packageDir = findPackage()
  if (packageDir === undefined) return undefined
  const { version } = JSON.parse(await readFile(path.join(packageDir, 'package.json'), 'utf8'))
  const dir = path.join(cache, `chromium-${version}`)
  if (!existsSync(dir)) await unpackInto(dir, packageDir)
  return {
    executablePath: path.join(dir, 'chromium'),
    env: {
      ...process.env,
      FONTCONFIG_FILE: path.join(dir, 'fonts.conf'),
      LD_LIBRARY_PATH: path.join(dir, 'al2023', 'lib'),
    },
  }
}

/**
 * Unpacks all or nothing: processes that unpack at the same time each use a folder of their own, and the first folder
 * stays.
 */
async function unpackInto(dir: string, packageDir: string): Promise<void> {
  const temporary = `${dir}.${process.pid}`
  await mkdir(temporary, { recursive: true })
  try {
    // The package unpacks into the temporary folder of its process, and assumes that files there are complete.
    await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', unpackScript(), path.join(packageDir, 'bin')],
      { env: { ...process.env, TMPDIR: temporary } },
    )
    await writeFile(path.join(temporary, 'fonts.conf'), fontsOf(dir))
    await rename(temporary, dir)
  } catch (cause) {
    if (!existsSync(dir)) throw new Error(`${packageName} could not be unpacked into ${dir}`, { cause })
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

function unpackScript(): string {
  return `
import chromium, { inflate } from '${import.meta.resolve(packageName)}'
const packed = process.argv[1]
await Promise.all([chromium.executablePath(packed), inflate(packed + '/al2023.tar.br')])
`
}

/** A font configuration with the machine's fonts, if it has any, and those of the package. */
function fontsOf(dir: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${path.join(dir, 'fonts')}</dir>
  <cachedir>${path.join(dir, 'fonts-cache')}</cachedir>
</fontconfig>
`
}

function findPackage(): string | undefined {
  try {
    return path.dirname(path.dirname(fileURLToPath(import.meta.resolve(packageName))))
  } catch {
    // npm skipped the package: it is not for this system.
    return undefined
  }
}
