import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { type OutputChunk, rolldown } from 'rolldown'
import { repositoryDir } from '../platform/paths.ts'
import type { PackagedProcess } from './packaged-processes.ts'

/**
 * Builds a process as an npm package: one JavaScript file that has our own sources in it, and a manifest that names every
 * other package at the version that the tests ran with.
 *
 * @param targetDir - is emptied first
 * @throws Error if a source imports a package that no manifest of ours names
 */
export async function buildPackage(process: PackagedProcess, targetDir: string): Promise<void> {
  const sourceDir = path.join(repositoryDir, process.folder)
  await rm(targetDir, { recursive: true, force: true })
  await mkdir(targetDir, { recursive: true })
  const build = await rolldown({
    input: { [process.command]: path.join(sourceDir, process.entry) },
    platform: 'node',
    external: (id) => isForeign(id),
  })
  const { output } = await build.write({ dir: path.join(targetDir, 'dist'), format: 'esm', minify: false })
  await build.close()
  const chunks = output.filter((part) => part.type === 'chunk')
  const manifest = await readManifest(sourceDir)
  await writeFile(
    path.join(targetDir, 'package.json'),
    `${JSON.stringify(
      {
        name: manifest.name,
        version: manifest.version,
        description: process.description,
        license: 'Apache-2.0',
        type: 'module',
        bin: { [process.command]: `./dist/${process.command}.js` },
        files: ['dist'],
        engines: { node: '>=24' },
        dependencies: await versionsOf(foreignPackages(chunks)),
      },
      null,
      2,
    )}\n`,
  )
  await cp(path.join(sourceDir, 'README.md'), path.join(targetDir, 'README.md'))
  await cp(path.join(repositoryDir, 'LICENSE'), path.join(targetDir, 'LICENSE'))
}

/** Not ours, so that it stays a dependency. */
function isForeign(id: string): boolean {
  return !id.startsWith('.') && !path.isAbsolute(id) && !id.startsWith('@boxoffice/')
}

function foreignPackages(chunks: readonly OutputChunk[]): string[] {
  const imported = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])
  const own = new Set(chunks.map((chunk) => chunk.fileName))
  const names = imported.filter((id) => !own.has(id) && !isBuiltin(id)).map(packageOf)
  return [...new Set(names)].sort()
}

/** `@a/b/c.js` is of `@a/b`, `d/e.js` of `d`. */
function packageOf(id: string): string {
  return id.split('/', id.startsWith('@') ? 2 : 1).join('/')
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
}

async function readManifest(dir: string): Promise<Manifest> {
  return JSON.parse(await readFile(path.join(dir, 'package.json'), 'utf8'))
}

async function versionsOf(names: readonly string[]): Promise<Record<string, string>> {
  const pinned = await Promise.all(
    ['services/common', 'services/common/kafka', 'services/outbox-relay'].map(
      async (dir) => (await readManifest(path.join(repositoryDir, dir))).dependencies,
    ),
  )
  const versions: Readonly<Record<string, string>> = Object.assign({}, ...pinned)
  return Object.fromEntries(
    names.map((name) => {
      const version = versions[name]
      if (version === undefined) throw new Error(`no manifest of ours names ${name}, which a source imports`)
      return [name, version]
    }),
  )
}
