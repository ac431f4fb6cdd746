import { cp, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { runCommand } from './command.ts'
import { abortOnSignal } from './interrupt.ts'
import { buildCommand } from './packages/build-command.ts'
import { buildLibrary } from './packages/build-library.ts'
import { type PackageSource, packages } from './packages/package-list.ts'
import { repositoryDir } from './platform/paths.ts'

/** npm run build:packages: builds and packs every package, and prints the path of each tarball. */
if (import.meta.main) {
  const tarballs = await buildPackages(path.join(repositoryDir, '.boxoffice', 'packages'), abortOnSignal())
  for (const tarball of tarballs) console.log(path.relative(process.cwd(), tarball))
}

/** @returns the tarballs, which `npm install` accepts directly */
export async function buildPackages(
  targetDir: string,
  signal?: AbortSignal,
  sources: readonly PackageSource[] = packages,
): Promise<string[]> {
  const tarballs: string[] = []
  for (const source of sources) tarballs.push(await buildTarball(source, targetDir, signal))
  return tarballs
}

async function buildTarball(
  { folder, command }: PackageSource,
  targetDir: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const dir = path.join(targetDir, path.basename(folder))
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { recursive: true })
  if (command === undefined) await buildLibrary(folder, dir, signal)
  else await buildCommand(folder, command, dir)
  await cp(path.join(repositoryDir, folder, 'README.md'), path.join(dir, 'README.md'))
  await cp(path.join(repositoryDir, 'LICENSE'), path.join(dir, 'LICENSE'))
  const packing = ['pack', '--silent', '--pack-destination', targetDir]
  const { exitCode, output } = await runCommand('npm', packing, { cwd: dir, signal })
  if (exitCode !== 0) throw new Error(`npm pack failed in ${folder}:\n${output}`)
  return path.join(targetDir, output.trim())
}
