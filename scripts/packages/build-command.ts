import { isBuiltin } from 'node:module'
import path from 'node:path'
import { type OutputChunk, rolldown } from 'rolldown'
import { repositoryDir } from '../platform/paths.ts'
import { readManifest, writeManifest } from './manifest.ts'
import type { PackageSource } from './package-list.ts'

/**
 * Builds a process as a command: JavaScript that contains all our sources. Every other package stays a dependency, at
 * the version with which the tests ran.
 *
 * @throws Error if a source imports a package that none of our manifests names
 */
export async function buildCommand(
  folder: string,
  { name, entry }: NonNullable<PackageSource['command']>,
  targetDir: string,
): Promise<void> {
  const sourceDir = path.join(repositoryDir, folder)
  const build = await rolldown({
    input: { [name]: path.join(sourceDir, entry) },
    platform: 'node',
    external: (id) => isForeign(id),
  })
  const { output } = await build.write({ dir: path.join(targetDir, 'dist'), format: 'esm', minify: false })
  await build.close()
  const imported = foreignPackages(output.filter((part) => part.type === 'chunk'))
  await writeManifest(targetDir, await readManifest(sourceDir), {
    bin: { [name]: `./dist/${name}.js` },
    dependencies: await versionsOf(imported, [folder, 'services/common', 'services/common/kafka']),
  })
}

/** Whether an import is of a foreign package, which stays a dependency. */
function isForeign(id: string): boolean {
  return !id.startsWith('.') && !path.isAbsolute(id) && !id.startsWith('@boxoffice/')
}

function foreignPackages(chunks: readonly OutputChunk[]): string[] {
  const imported = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])
  const own = new Set(chunks.map((chunk) => chunk.fileName))
  const names = imported.filter((id) => !own.has(id) && !isBuiltin(id)).map(packageOf)
  return [...new Set(names)].sort()
}

/** The package of an import: `@a/b` for `@a/b/c.js`, `d` for `d/e.js`. */
function packageOf(id: string): string {
  return id.split('/', id.startsWith('@') ? 2 : 1).join('/')
}

async function versionsOf(
  names: readonly string[],
  folders: readonly string[],
): Promise<Record<string, string>> {
  const manifests = await Promise.all(folders.map((folder) => readManifest(path.join(repositoryDir, folder))))
  const pinned = new Map(manifests.flatMap(({ dependencies }) => Object.entries(dependencies ?? {})))
  return Object.fromEntries(
    names.map((name) => {
      const version = pinned.get(name)
      if (version === undefined) throw new Error(`no manifest of ours names ${name}, which a source imports`)
      return [name, version]
    }),
  )
}
