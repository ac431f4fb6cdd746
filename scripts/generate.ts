import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { runCommand } from './command.ts'
import { sha256Of } from './platform/file-hashes.ts'
import { mavenDependencyPlugin } from './platform/maven.ts'
import { repositoryDir } from './platform/paths.ts'

/** The contracts' folder, a buf workspace. */
export const protoDir = path.join(repositoryDir, 'proto')

const dependenciesDir = path.join(protoDir, '.deps')

/**
 * The package with the rules of the contracts. Only the generator needs its file: at run time the descriptor comes
 * from npm.
 */
const protovalidate = 'build.buf:protovalidate:1.0.0'
const validateProto = 'buf/validate/validate.proto'

/** SHA-256. */
const validateProtoHash = '780f450e5e1b773cb6c52d32b93655ec915187d2c777aa9ddc0119b573c1e1d2'

const googleRpc = ['code', 'error_details', 'status'].map((name) => `google/rpc/${name}.proto`)

if (import.meta.main) {
  try {
    await fetchProtoDependencies()
    await buf('lint')
    await buf('generate')
    // Reads what was generated just now.
    const { writeTopicsDocument } = await import('./topics/write-topics.ts')
    await writeTopicsDocument()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}

/**
 * Puts the .proto files that the contracts import under proto/.deps, each origin in a folder that is a buf module.
 * Existing files stay, so that only the first run needs the network (Maven, a few kilobytes).
 *
 * @throws Error when Maven is missing or cannot fetch the file
 */
export async function fetchProtoDependencies(signal?: AbortSignal): Promise<void> {
  const validate = path.join(dependenciesDir, 'protovalidate', validateProto)
  if (!existsSync(validate)) await fetchValidateProto(validate, signal)
  const packageDir = path.dirname(createRequire(import.meta.url).resolve('google-proto-files/package.json'))
  for (const name of googleRpc) {
    const target = path.join(dependenciesDir, 'googleapis', name)
    await mkdir(path.dirname(target), { recursive: true })
    await copyFile(path.join(packageDir, name), target)
  }
}

/** Writes the TypeScript of the contracts into `<dir>/gen`. @throws Error with the output of buf if it fails */
export async function generateInto(dir: string, signal?: AbortSignal): Promise<void> {
  await buf('generate', ['--output', dir], signal)
}

async function fetchValidateProto(target: string, signal: AbortSignal | undefined): Promise<void> {
  // Maven leaves marker files in its working folder.
  const cwd = await mkdtemp(path.join(tmpdir(), 'boxoffice-generate-'))
  try {
    const { exitCode, output } = await runCommand(
      'mvn',
      [
        ...[
          '-q',
          '-B',
          '--strict-checksums',
          `${mavenDependencyPlugin}:unpack`,
          `-Dartifact=${protovalidate}`,
        ],
        ...[`-Dmdep.unpack.includes=${validateProto}`, `-DoutputDirectory=${cwd}`],
      ],
      { cwd, signal },
    )
    const unpacked = path.join(cwd, validateProto)
    if (exitCode !== 0 || !existsSync(unpacked)) {
      throw new Error(`Maven could not fetch ${validateProto} (${protovalidate}):\n${output}`)
    }
    const hash = sha256Of(await readFile(unpacked))
    if (hash !== validateProtoHash)
      throw new Error(`${validateProto} has the hash ${hash}, not ${validateProtoHash}`)
    await mkdir(path.dirname(target), { recursive: true })
    await copyFile(unpacked, `${target}.${process.pid}`)
    // The rename makes it all or nothing: an existing file is complete.
    await rename(`${target}.${process.pid}`, target)
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
}

async function buf(command: string, args: readonly string[] = [], signal?: AbortSignal): Promise<void> {
  const { exitCode, output } = await runCommand('buf', [command, ...args], { cwd: protoDir, signal })
  if (exitCode !== 0) throw new Error(`buf ${command} failed:\n${output}`)
}
