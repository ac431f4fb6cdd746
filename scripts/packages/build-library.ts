import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { runCommand } from '../command.ts'
import { repositoryDir } from '../platform/paths.ts'
import { readManifest, writeManifest } from './manifest.ts'

/**
 * Builds a library as JavaScript with its types, with the same exports as its sources. Its dependencies are those of
 * its workspace.
 *
 * @throws Error with the output of the compiler
 */
export async function buildLibrary(folder: string, targetDir: string, signal?: AbortSignal): Promise<void> {
  const sourceDir = path.join(repositoryDir, folder)
  const manifest = await readManifest(sourceDir)
  const doors = Object.entries(manifest.exports ?? {})
  const configFile = path.join(targetDir, 'tsconfig.json')
  await writeFile(
    configFile,
    JSON.stringify(
      compilerConfig(
        sourceDir,
        targetDir,
        doors.map(([, source]) => source),
      ),
    ),
  )
  const { exitCode, output } = await runCommand('tsc', ['--project', configFile], { signal })
  if (exitCode !== 0) throw new Error(`${folder} does not compile:\n${output}`)
  await rm(configFile)
  await writeManifest(targetDir, manifest, {
    exports: Object.fromEntries(doors.map(([door, source]) => [door, builtDoor(source)])),
  })
}

function builtDoor(source: string) {
  const built = source.replace('./', './dist/')
  return { types: built.replace(/\.ts$/, '.d.ts'), default: built.replace(/\.ts$/, '.js') }
}

function compilerConfig(sourceDir: string, targetDir: string, doors: readonly string[]) {
  return {
    extends: path.join(repositoryDir, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: sourceDir,
      outDir: path.join(targetDir, 'dist'),
      types: ['node'],
      typeRoots: [path.join(repositoryDir, 'node_modules', '@types')],
    },
    files: doors.map((door) => path.join(sourceDir, door)),
    include: [],
  }
}
