import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { repositoryDir } from '../platform/paths.ts'

/** The part of package-lock.json that is looked at here. */
export interface LockFile {
  readonly packages: Record<string, LockedPackage>
}

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const lockFile = path.join(repositoryDir, 'package-lock.json')

const systems = ['android', 'darwin', 'freebsd', 'linux', 'win32']
const processors: Readonly<Record<string, string>> = {
  ...{ x64: 'x64', arm64: 'arm64', aarch64: 'arm64', arm: 'arm', armv7: 'arm' },
  ...{ ia32: 'ia32', ppc64: 'ppc64', s390x: 's390x' },
}
const libraries: Readonly<Record<string, string>> = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl' }

// `node scripts/check/lock-file.ts` puts the missing entries in.
if (import.meta.main) {
  const lock = await readLockFile()
  await writeFile(lockFile, `${JSON.stringify(completed(lock), null, 2)}\n`)
}

/** What is wrong with the lock file, one sentence each; nothing when `npm ci` works with it everywhere. */
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
  return [...hosts, ...missing]
}

/**
 * The lock file with an entry for every optional package. npm leaves out those that a registry mirror does not carry (the
 * binaries of other systems, mostly), and then `npm ci` finds the lock file out of step, there and everywhere else. An
 * entry that says which system it is for is enough: elsewhere npm passes it over.
 */
export function completed(lock: LockFile): LockFile {
  const added = missingOptionals(lock).map(([name, entry]) => [name, entry] as const)
  const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(added) })
  packages.sort(([a], [b]) => a.localeCompare(b, 'en'))
  return { ...lock, packages: Object.fromEntries(packages) }
}

export async function readLockFile(): Promise<LockFile> {
  return JSON.parse(await readFile(lockFile, 'utf8'))
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
