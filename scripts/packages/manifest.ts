import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly license?: string
  /** The exports of a library: import paths with their sources. */
  readonly exports?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: boolean }>>
}

export async function readManifest(dir: string): Promise<Manifest> {
  return JSON.parse(await readFile(path.join(dir, 'package.json'), 'utf8'))
}

/** Writes the manifest of a package that was built from a workspace; `built` overrides its fields. */
export async function writeManifest(
  targetDir: string,
  { name, version, description, license, dependencies, peerDependencies, peerDependenciesMeta }: Manifest,
  built: Readonly<Record<string, unknown>>,
): Promise<void> {
  const manifest = {
    ...{ name, version, description, license, type: 'module', files: ['dist'], engines: { node: '>=24' } },
    dependencies,
    peerDependencies,
    peerDependenciesMeta,
    ...built,
  }
  await writeFile(path.join(targetDir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}
